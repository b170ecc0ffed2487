import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { RolloutDocument } from '../../../proto/zdms/v1/documents.ts';
import type { PlanDocument } from '../../../proto/zdms/v1/plan-document.ts';
import type { RolloutEvent } from '../../../controller/core/event.ts';
import { changeText } from '../../lab/proof/change-text.ts';
import { effectsNotOnce } from '../../lab/proof/executor-journal.ts';
import type { HostTruth } from '../../lab/proof/host-truth.ts';
import { eventName } from '../boundaries.ts';
import { operator, until } from '../failing-rollout.ts';
import type { ControllerChild } from './controller-child.ts';
import type { CrashLab } from './crash-lab.ts';
import type { CrashPoint, Evidence } from './interruptible-controller.ts';

/** Thirty times what it takes on a machine that does nothing else. */
const ROLLOUT_DEADLINE_MS = 180_000;
/** A superseded controller hears of its successor from whatever it asks next. */
const NOTICE_DEADLINE_MS = 60_000;
/** A controller that is asked all the time has no time for its work. */
const LOOKS_PER_QUESTION = 8;
/** So many events after the take-over a successor is well under way. */
const WELL_UNDER_WAY = 30;

/** Every boundary of an undisturbed rollout, by name, in the order in which they are crossed first. */
export async function listBoundaries(lab: CrashLab): Promise<readonly string[]> {
  await new CrashTrial(lab).run([]);
  return [...new Set(await lab.present.ask('list'))];
}

/** Three interruptions for each boundary. */
export function pointsOf(boundaries: readonly string[]): readonly CrashPoint[] {
  return boundaries.flatMap((name, index): readonly CrashPoint[] => [
    { name, side: 'before', how: 'crash' },
    { name, side: 'after', how: 'crash' },
    { name, side: 'before', how: index % 2 === 0 ? 'pause' : 'long-pause' },
  ]);
}

/**
 * Rolls out a new version; interrupts the controller at the first point, its successor at the second, and so on. Throws unless all is as
 * if nothing had been. Returns the points that were missed: the rollout took another course, and had ended before it came there.
 */
export async function tryPoints(lab: CrashLab, points: readonly CrashPoint[]): Promise<readonly CrashPoint[]> {
  return new CrashTrial(lab).run(points);
}

class CrashTrial {
  readonly #lab: CrashLab;
  readonly #evidenceFiles: string[] = [];
  /** Of the rollout, as soon as somebody has been told. */
  #id: string | null = null;
  #refusal: Error | null = null;

  constructor(lab: CrashLab) {
    this.#lab = lab;
  }

  async run(points: readonly CrashPoint[]): Promise<readonly CrashPoint[]> {
    const version = await this.#lab.newVersion();
    const before = await this.#lab.truth();
    const hosts = this.#lab.lab.topology.hosts.filter(({ name }) => this.#lab.hosts.includes(name));
    const plan = await this.#lab.present.client.plan('change.yaml', changeText(version, { hosts }));
    assert.equal(plan.hosts, hosts.length, JSON.stringify(plan.leftOut));
    const missed = await this.#carryOut(plan, points);
    await this.#verify(version, before);
    return missed;
  }

  async #carryOut(plan: PlanDocument, points: readonly CrashPoint[]): Promise<readonly CrashPoint[]> {
    await this.#lab.present.ask('begin');
    for (const [index, point] of points.entries()) {
      const controller = this.#lab.present;
      const evidenceFile = join(this.#lab.directory, `evidence-${index}.json`);
      rmSync(evidenceFile, { force: true });
      controller.tell({ kind: 'interrupt', point, evidenceFile });
      if (index === 0) this.#begin(plan);
      await this.#untilEndOr(evidenceFile);
      if (!existsSync(evidenceFile)) return points.slice(index);
      this.#evidenceFiles.push(evidenceFile);
      await (point.how === 'crash' ? this.#afterCrash(controller, plan) : this.#afterPause(controller, plan, point));
    }
    if (points.length === 0) this.#begin(plan);
    await this.#untilEndOr(null);
    return [];
  }

  #begin(plan: PlanDocument): void {
    this.#lab.present.client.apply(plan.hash, operator, plan.hosts).then(
      ({ id }) => (this.#id = id),
      (error: unknown) => (this.#refusal = error instanceof Error ? error : new Error(String(error))),
    );
  }

  /** Until the rollout has ended, or its controller has written that evidence and is interrupted. */
  async #untilEndOr(evidenceFile: string | null): Promise<void> {
    const controller = this.#lab.present;
    let last: RolloutDocument | null = null;
    let looks = 0;
    const look = async (): Promise<boolean> => {
      if (evidenceFile !== null && existsSync(evidenceFile)) return controller.hasEnded || controller.standsStill;
      looks += 1;
      if (looks % LOOKS_PER_QUESTION > 0) return false;
      if (this.#id === null && this.#refusal !== null) throw this.#refusal;
      // Whoever is interrupted right now does not answer; the next look tells.
      last = this.#id === null ? null : await controller.client.status(this.#id).catch(() => null);
      return last !== null && last.endedAt !== null;
    };
    await until(() => `the end; ${standing(last)}\n${controller.lastWords()}`, look, ROLLOUT_DEADLINE_MS);
  }

  async #afterCrash(first: ControllerChild, plan: PlanDocument): Promise<void> {
    await first.ended(NOTICE_DEADLINE_MS);
    assert.equal(first.end, 'SIGKILL');
    await this.#lab.nextController();
    await this.#findOrBegin(plan);
  }

  /** The successor leads while the first one stands still; that one goes on, and must end itself. */
  async #afterPause(first: ControllerChild, plan: PlanDocument, { how }: CrashPoint): Promise<void> {
    this.#lab.takeLockAway();
    const { client } = await this.#lab.nextController();
    const id = await this.#findOrBegin(plan);
    const { events } = await client.status(id);
    const isUnderWay = async (): Promise<boolean> => {
      const rollout = await client.status(id);
      return rollout.endedAt !== null || rollout.events >= events + WELL_UNDER_WAY;
    };
    if (how === 'long-pause') await until('the successor well under way', isUnderWay, ROLLOUT_DEADLINE_MS);
    first.goOn();
    const byItself = await first.ended(NOTICE_DEADLINE_MS);
    assert.ok(
      byItself && first.end === 1,
      `the superseded controller ends with ${first.end ?? ''}:\n${first.lastWords()}`,
    );
  }

  /** Whoever told a controller to begin and was not answered looks, and says it again where nothing has begun. */
  async #findOrBegin(plan: PlanDocument): Promise<string> {
    const { client } = this.#lab.present;
    if (this.#id !== null) return this.#id;
    const last = await client.status('').catch(() => null);
    this.#id = last?.plan === plan.hash ? last.id : (await client.apply(plan.hash, operator, plan.hosts)).id;
    return this.#id;
  }

  /** By the hosts' own word, by the executors', by the journal's and by the users'. */
  async #verify(version: string, before: readonly HostTruth[]): Promise<void> {
    const id = this.#id ?? assert.fail('no rollout has begun');
    const { client } = this.#lab.present;
    const report = await client.report(id);
    assert.deepEqual([report.state, report.obligationsOpen, report.journal.sound], ['done', 0, true]);
    const once = before.map((host) => ({ ...host, version, installs: host.installs + 1, reboots: host.reboots + 1 }));
    assert.deepEqual((await this.#lab.truth()).map(withoutBoot), once.map(withoutBoot));
    for (const host of this.#lab.hosts)
      assert.deepEqual(effectsNotOnce(host, await this.#lab.backEnd.readExecutorJournal(host), id), []);
    this.#assertNothingLost(id);
    assert.deepEqual(this.#lab.takeFailures(), []);
  }

  /** What the controller was told is on disk is in the journal. */
  #assertNothingLost(id: string): void {
    const acknowledged = this.#evidenceFiles.flatMap(
      (file) => (JSON.parse(readFileSync(file, 'utf8')) as Evidence).acknowledged,
    );
    const database = new Database(this.#lab.storeFile, { readonly: true });
    const rows = database.prepare('SELECT body FROM event WHERE rollout = ?').pluck().all(id) as string[];
    database.close();
    const written = rows.map((body) => `commit ${eventName(JSON.parse(body) as RolloutEvent)}`);
    for (const name of acknowledged) {
      const index = written.indexOf(name);
      assert.ok(index >= 0, `${name} was acknowledged and is not in the journal`);
      written.splice(index, 1);
    }
  }
}

function standing(rollout: RolloutDocument | null): string {
  if (rollout === null) return 'nobody says how it stands';
  return [rollout.state, rollout.reason?.text ?? '', ...rollout.recent.map(({ text }) => text)].join('\n');
}

function withoutBoot({ bootId: _bootId, ...truth }: HostTruth): Omit<HostTruth, 'bootId'> {
  return truth;
}
