import assert from 'node:assert/strict';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hostFiles } from '../../agent/host-files.ts';
import { replaceLabels } from '../../agent/label.ts';
import { type InProcessLab, inProcessLabUp, servicePort } from '../../vagrant/in-process/in-process-lab.ts';
import { webPackage } from '../../vagrant/in-process/web-service.ts';
import type { Topology } from '../../vagrant/topology.ts';
import { inProcessBackEnd } from '../lab/proof/in-process-back-end.ts';
import { OpenLoop } from '../lab/proof/open-loop.ts';
import { hasFailed, type RequestRecord } from '../lab/proof/request-record.ts';
import { refreshSurveys } from '../lab/proof/surveys.ts';
import { installZdms, type ZdmsLab } from '../lab/proof/zdms-lab.ts';
import { FailingRollout, type HostTruth, operator, type Plan, truthBefore, until } from './failing-rollout.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Deadlines of one to six seconds: a step that hangs is late soon, and one that works is not, on a slow machine either. */
const timing = {
  ...{ beatMs: 250, beatWhileOutMs: 100, reportStaleMs: 1_500, poolReadEveryMs: 100 },
  ...{ checksInRow: 2, checkEveryMs: 50, ownLookEveryMs: 200 },
  ...{ retryFirstMs: 50, retryLastMs: 300, probeTrialMs: 100, answerWithinMs: 1_000 },
  ...{ preflightDeadlineMs: 3_000, fetchDeadlineMs: 3_000, drainDeadlineMs: 1_000, applyDeadlineMs: 3_000 },
  ...{
    firmwareDeadlineMs: 6_000,
    rebootDeadlineMs: 4_000,
    verifyDeadlineMs: 6_000,
    undrainDeadlineMs: 1_000,
    settleDeadlineMs: 5_000,
  },
};
const pace = { listsMs: 10, fetchMs: 10, installMs: 60, goingDownMs: 20, downMs: 150, lockWaitMs: 200 };
const BALANCER_CHECK_EVERY_MS = 50;

const USERS_PER_SECOND = 40;
const USER_DEADLINE_MS = 20_000;
/** Other users take turns too: enough that each host gets one. */
const LONG_REQUESTS = 16;
const webHosts = ['web-1', 'web-2', 'web-3', 'web-4'] as const;
export const balancers = ['lb-1', 'lb-2'] as const;

const topology: Topology = {
  name: 'failures',
  network: '10.77.0.0/16',
  controllerAddress: '10.77.0.1',
  prefixLength: 16,
  hosts: [
    { name: 'web-1', role: 'web', zone: 'a', rack: 'a1', address: '10.77.1.11' },
    { name: 'web-2', role: 'web', zone: 'a', rack: 'a2', address: '10.77.1.12' },
    { name: 'web-3', role: 'web', zone: 'b', rack: 'b1', address: '10.77.1.13' },
    { name: 'web-4', role: 'web', zone: 'b', rack: 'b2', address: '10.77.1.14' },
    { name: 'lb-1', role: 'lb', zone: 'a', rack: 'a1', address: '10.77.1.2' },
    { name: 'lb-2', role: 'lb', zone: 'b', rack: 'b1', address: '10.77.1.3' },
  ],
};

function fleetText(
  { hosts }: Topology,
  keepUp: number,
  policy = '{ onFailure: hold, stopAfter: { hosts: 4 } }',
): string {
  const urls = hosts.filter((host) => host.role === 'lb').map(({ address }) => `'http://${address}:${servicePort}/'`);
  return `fleet: failures
topology: [zone, rack]
services:
  web:
    hosts: { role: web }
    size: 4
    keepUp: ${keepUp}
    oneAtATime: zone
    pool: { haproxy: [lb-1, lb-2], backend: web }
    check: { http: ':${servicePort}/healthz' }
    probe: { url: [${urls.join(', ')}], perSecond: 20 }
  edge: { hosts: { role: lb }, size: 2, keepUp: 1, check: { tcp: ':${servicePort}' } }
policy: ${policy}
`;
}

/** Of six hosts two may be silent and three not; one failure is no reason here to stop, since every test makes some. */
const limits = { ramp: 'off', errorBudget: 'off', sameFailure: 'off' };

/** Four web hosts in two zones behind two balancers, on which things go wrong one after the other. Users never stop asking. */
export class FailureFleet {
  readonly lab: InProcessLab;
  readonly zdms: ZdmsLab;
  readonly #users: OpenLoop;
  readonly #failed: RequestRecord[] = [];
  readonly #busy: AbortController[] = [];
  #rollouts = 0;

  private constructor(lab: InProcessLab, zdms: ZdmsLab) {
    this.lab = lab;
    this.zdms = zdms;
    this.#users = new OpenLoop({
      targets: balancers.map((name) => ({ name, host: lab.host(name).host.address, port: servicePort })),
      ...{ ratePerSecond: USERS_PER_SECOND, deadlineMs: USER_DEADLINE_MS, path: '/' },
      onRecord: (record) => {
        if (hasFailed(record)) this.#failed.push(record);
      },
    });
  }

  /**
   * Whoever calls this calls `down` and `removeTemporaryDirectories` afterwards. `bmc`: what controller.yaml says of management
   * controllers, by host.
   */
  static async up(bmc: Readonly<Record<string, object>> = {}): Promise<FailureFleet> {
    const lab = await inProcessLabUp({ topology, pace, checkEveryMs: BALANCER_CHECK_EVERY_MS });
    const backEnd = { ...inProcessBackEnd(lab), fleetText: () => fleetText(lab.topology, 2) };
    const zdms = await installZdms(backEnd, {
      directory: temporaryDirectory(),
      say: () => undefined,
      signal: new AbortController().signal,
      timing,
      bmc,
    });
    const fleet = new FailureFleet(lab, zdms);
    fleet.writeLimits();
    fleet.#users.start();
    return fleet;
  }

  async down(): Promise<void> {
    for (const busy of this.#busy) busy.abort();
    await this.#users.stop();
    await this.zdms.down();
  }

  /** limits.yaml, with these instead of the ones that suit most tests. */
  writeLimits(instead: Readonly<Record<string, string | number>> = {}, mode = 0o644): void {
    chmodSync(this.zdms.write('zdms/limits.yaml', JSON.stringify({ ...limits, ...instead })), mode);
  }

  /** The fleet file, with another budget, and another policy. */
  writeFleet(keepUp: number, policy?: string): void {
    this.zdms.write('zdms/fleet.yaml', fleetText(this.lab.topology, keepUp, policy));
  }

  /** The host's own copy of its labels, as installed but for these; its agent reports it with the next beat. */
  async relabel(name: string, changed: Readonly<Record<string, string>>): Promise<void> {
    const { root, host } = this.lab.host(name);
    const { role, zone, rack } = host;
    await replaceLabels({ labels: { role, zone, rack, ...changed } }, hostFiles(root));
  }

  /** A plan that gives these hosts a version that they never had. */
  async plan(hosts: readonly string[], options: PlanOptions = {}): Promise<Plan> {
    const { reboot = 'never', atOnce = null, firmware = null } = options;
    this.#rollouts += 1;
    const version = `2.${this.#rollouts}.0`;
    this.lab.repository.publish(webPackage, version);
    await refreshSurveys(this.zdms, hosts);
    const lines = [
      ...[`where: [${hosts.join(', ')}]`, `packages: [${webPackage}=${version}]`, `reboot: ${reboot}`],
      ...['stages: [{ name: all, hosts: all }]', ...(atOnce === null ? [] : [`atOnce: ${atOnce}`])],
      ...(firmware === null ? [] : [`firmware: [${JSON.stringify(firmware)}]`]),
    ];
    const before = new Map(webHosts.map((host) => [host, this.truth(host)]));
    const document = await this.zdms.client.plan(`${version}.yaml`, lines.join('\n'));
    assert.deepEqual(
      document.leftOut.map(({ host, reason }) => `${host}: ${reason.text}`),
      [],
    );
    return { document, version, before };
  }

  /** Plans and begins a rollout. */
  async start(hosts: readonly string[], options: PlanOptions = {}): Promise<FailingRollout> {
    return this.begin(await this.plan(hosts, options));
  }

  async begin(plan: Plan): Promise<FailingRollout> {
    const { id } = await this.zdms.client.apply(plan.document.hash, operator, plan.document.hosts);
    return new FailingRollout(id, plan, this.zdms);
  }

  /** A rollout at the moment when the install on this host is at work, and so slow as told. */
  async startApplying(
    name: string,
    { installDelayMs, beside = [], reboot = 'never' }: Applying,
  ): Promise<FailingRollout> {
    const plan = await this.plan([name, ...beside], { reboot });
    const { faults } = this.lab.host(name).system;
    faults.installDelayMs = installDelayMs;
    const rollout = await this.begin(plan);
    await until('the install', () => this.truth(name).installs > truthBefore(plan, name).installs);
    faults.installDelayMs = 0;
    return rollout;
  }

  /** Ends these agents, and waits until the controller takes them for silent. */
  async silence(...names: readonly string[]): Promise<void> {
    await Promise.all(names.map((name) => this.lab.host(name).stopAgent()));
    await until(`silence of ${names.join()}`, async () => {
      const hosts = await this.zdms.client.listHosts();
      return hosts.every((host) => !host.connected === names.includes(host.id));
    });
  }

  /** What a host is, not by zdms's word. */
  truth(name: string): HostTruth {
    const { system } = this.lab.host(name);
    return {
      version: system.installedVersion(webPackage),
      installs: system.installs.get(webPackage) ?? 0,
      boots: system.bootIds.length,
    };
  }

  /** A host's state on the balancers, in their order. */
  pools(host: string): readonly string[] {
    return balancers.map((name) => this.pool(name, host));
  }

  /** A host's state on one balancer as HAProxy words it: UP, DRAIN, MAINT, DOWN. */
  pool(balancer: string, host: string): string {
    return this.#statistic(balancer, host, 'status').split(' ')[0] ?? '';
  }

  inFlight(balancer: string, host: string): number {
    return Number(this.#statistic(balancer, host, 'scur'));
  }

  #statistic(balancer: string, host: string, column: string): string {
    const table = this.lab.balancer(balancer).command('show stat web 4 -1');
    const [head = '', ...rows] = table.replace('# ', '').trim().split('\n');
    const columns = head.split(',');
    const row = rows.map((each) => each.split(',')).find((each) => each[columns.indexOf('svname')] === host);
    return row?.[columns.indexOf(column)] ?? assert.fail(`${balancer} has no ${column} of ${host}`);
  }

  /** Requests that keep every host busy through this balancer until the caller aborts them (or `down` does). */
  keepBusy(balancer: string): AbortController {
    const leave = new AbortController();
    this.#busy.push(leave);
    const url = `http://${this.lab.host(balancer).host.address}:${servicePort}/work?ms=30000`;
    for (let count = 0; count < LONG_REQUESTS; count += 1)
      void fetch(url, { signal: leave.signal }).catch(() => undefined);
    return leave;
  }

  /** No request has failed so far, no rollout is open, and every balancer shows every host up. */
  async assertWell(): Promise<void> {
    const failed = this.#failed.splice(0);
    assert.equal(failed.length, 0, `${failed.length} requests failed, first: ${JSON.stringify(failed[0])}`);
    const last = await this.zdms.client.status('');
    assert.notEqual(last.endedAt, null, `rollout ${last.id} is ${last.state}`);
    assert.deepEqual([last.slots, last.obligations, last.halt], [[], [], null]);
    for (const host of webHosts) await until(`${host} up on all balancers`, () => this.pools(host).join() === 'UP,UP');
    await until('all hosts serving', async () => (await this.zdms.client.listHosts()).every((host) => host.serving));
  }

  /** The last lines of the controller's log, for a failure that the journal does not explain. */
  controllerLog(): string {
    return readFileSync(join(this.zdms.directory, 'controller.log'), 'utf8').slice(-4_000);
  }
}

interface PlanOptions {
  readonly reboot?: 'always' | 'never';
  readonly atOnce?: number;
  /** By the management controllers. */
  readonly firmware?: { readonly device: string; readonly version: string; readonly image: string };
}

/** A slow install: on top of what one takes; with other hosts in the same rollout. */
export interface Applying {
  readonly installDelayMs: number;
  readonly beside?: readonly string[];
  readonly reboot?: 'always' | 'never';
}
