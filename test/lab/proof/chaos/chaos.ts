import { setTimeout as sleep } from 'node:timers/promises';
import type { RolloutEvent } from '../../../../controller/core/event.ts';
import type { Step } from '../../../../controller/core/step.ts';
import type { LabRole } from '../../../../vagrant/topology.ts';
import type { LabFaults } from '../lab-faults.ts';
import type { ZdmsLab } from '../zdms-lab.ts';
import { mishapText, type Mishap } from './chaos-schedule.ts';
import { JournalWatch } from './journal-watch.ts';
import { StepsUnderWay } from './steps-under-way.ts';

/** What went wrong on purpose, for the proof. */
export interface ChaosRecord {
  readonly seed: number;
  readonly happened: readonly { readonly at: number; readonly text: string }[];
  /** What was planned and found no occasion. */
  readonly missed: readonly string[];
}

export interface ChaosOptions {
  readonly lab: ZdmsLab;
  readonly faults: LabFaults;
  readonly seed: number;
  readonly schedule: readonly Mishap[];
  readonly say: (line: string) => void;
}

/** Short against the shortest step (a drain: about 200 ms); a look costs well below a millisecond. */
const LOOK_EVERY_MS = 4;
const CONTROLLER_DOWN_MS = 1_000;
const SERVES_POLL_MS = 100;

/**
 * Lets the mishaps of a schedule happen to a rollout, each once, when the journal says that its moment has come. Whoever starts it
 * has to stop it.
 */
export class Chaos {
  readonly #options: ChaosOptions;
  readonly #watch: JournalWatch;
  readonly #steps = new StepsUnderWay();
  readonly #waiting: Set<Mishap>;
  readonly #underWay = new Set<Promise<void>>();
  readonly #happened: { at: number; text: string }[] = [];
  readonly #told = new AbortController();
  #watching: Promise<void> = Promise.resolve();
  #isControllerBusy = false;
  #failure: Error | null = null;

  /** @param storeFile the controller's SQLite file. */
  constructor(options: ChaosOptions, storeFile: string) {
    this.#options = options;
    this.#watch = new JournalWatch(storeFile);
    this.#waiting = new Set(options.schedule);
  }

  start(): void {
    const { seed, schedule, say } = this.#options;
    say(`chaos with seed ${seed}; planned:`);
    for (const mishap of schedule) say(`  ${mishapText(mishap)}`);
    this.#watching = this.#run();
  }

  /** Is there something left that has not happened? */
  get isPending(): boolean {
    return this.#waiting.size > 0;
  }

  /** Waits for what is under way, and begins nothing more. Throws what a mishap threw. */
  async stop(): Promise<ChaosRecord> {
    this.#told.abort();
    await this.#watching;
    await Promise.all(this.#underWay);
    this.#watch.close();
    if (this.#failure !== null) throw this.#failure;
    const missed = [...this.#waiting].map(mishapText);
    return { seed: this.#options.seed, happened: this.#happened, missed };
  }

  async #run(): Promise<void> {
    const { signal } = this.#told;
    while (!signal.aborted) {
      for (const event of this.#watch.read()) {
        this.#steps.see(event);
        this.#strikeIntent(event);
      }
      for (const mishap of this.#waiting) this.#strike(mishap);
      await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Nothing may come between the look at the journal and the signal. */
  #strikeIntent(event: RolloutEvent): void {
    if (event.kind !== 'intended' || this.#isControllerBusy) return;
    const mishap = [...this.#waiting].find((each) => each.kind === 'kill' && each.moment === 'intent');
    if (mishap === undefined || (event.step !== 'apply' && event.step !== 'reboot')) return;
    if (!this.#steps.hostsIn(event.step, mishap.nth - 1, () => true).includes(event.host)) return;
    const dead = this.#options.lab.controller.kill();
    this.#begin(mishap, true, async () => {
      await dead;
      const at = Date.now();
      await sleep(CONTROLLER_DOWN_MS);
      const wasSent = await this.#knowsToken(event.host, event.token);
      await this.#options.lab.controller.start();
      const intent = `the intent to ${event.step} ${event.host}`;
      if (wasSent) this.#tell(`SIGKILL to the controller after ${intent} was sent: too late, again with another`, at);
      else this.#tell(`SIGKILL to the controller between ${intent} and its sending; the host never heard of it`, at);
      return !wasSent;
    });
  }

  /** What a host cannot tell, as while it reboots, counts as known to it. */
  async #knowsToken(host: string, token: string): Promise<boolean> {
    const steps = await this.#options.lab.backEnd.readExecutorJournal(host).catch(() => null);
    return steps === null || steps.some((step) => step.token === token);
  }

  #strike(mishap: Mishap): void {
    switch (mishap.kind) {
      case 'kill': {
        if (mishap.moment === 'intent' || this.#isControllerBusy) return;
        const { moment } = mishap;
        this.#meet(mishap, moment, null, (host) =>
          this.#killController(`SIGKILL to the controller ${mishap.delayMs} ms into ${moment} of ${host}`),
        );
        return;
      }
      case 'balancerReload':
        this.#meet(mishap, 'verify', 'web', (host) => this.#reload(mishap.balancer, host));
        return;
      case 'memberCut':
        this.#meet(mishap, mishap.step, 'etcd', (host) => this.#cut(host, mishap.step, mishap.forMs));
        return;
      case 'sshCut':
        this.#meet(mishap, 'apply', null, async (host) => {
          const sessions = await this.#options.faults.endSshSessions(host);
          if (sessions > 0) this.#tell(`SIGKILL to the SSH session of zdms on ${host}, in apply`);
          return sessions > 0;
        });
    }
  }

  /** Does the work when a host is in the step and, after the delay, still there. The work's false means that the occasion was missed. */
  #meet(mishap: Mishap, step: Step, role: LabRole | null, work: (host: string) => Promise<boolean>): void {
    const hosts = this.#options.lab.topology.hosts.filter((host) => role === null || host.role === role);
    const isWanted = (name: string): boolean => hosts.some((host) => host.name === name);
    const [host] = this.#steps.hostsIn(step, mishap.nth - 1, isWanted);
    if (host === undefined) return;
    this.#begin(mishap, mishap.kind === 'kill', async () => {
      await sleep(mishap.delayMs);
      return this.#steps.isIn(host, step) && (await work(host));
    });
  }

  /** Takes the mishap off the list while it is being tried. */
  #begin(mishap: Mishap, needsController: boolean, work: () => Promise<boolean>): void {
    this.#waiting.delete(mishap);
    if (needsController) this.#isControllerBusy = true;
    const attempt = work()
      .then((hasHappened) => {
        if (!hasHappened) this.#waiting.add(mishap);
      })
      .catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
        this.#options.say(`chaos failed: ${String(error)}`);
      })
      .finally(() => {
        if (needsController) this.#isControllerBusy = false;
        this.#underWay.delete(attempt);
      });
    this.#underWay.add(attempt);
  }

  #tell(text: string, at = Date.now()): void {
    this.#happened.push({ at, text });
    this.#options.say(`chaos: ${text}`);
  }

  async #killController(text: string): Promise<boolean> {
    const { controller } = this.#options.lab;
    await controller.kill();
    this.#tell(text);
    await sleep(CONTROLLER_DOWN_MS);
    await controller.start();
    return true;
  }

  /** Only once the host serves again: a balancer that begins anew sends users to all servers, until it is told of the drain again. */
  async #reload(balancer: string, host: string): Promise<boolean> {
    const { faults } = this.#options;
    while (this.#steps.isIn(host, 'verify')) {
      if (await faults.serves(host)) {
        if (!this.#steps.isIn(host, 'verify')) return false;
        await faults.reloadBalancer(balancer);
        this.#tell(`${balancer} was reloaded and has forgotten that ${host}, in verify, is drained`);
        return true;
      }
      await sleep(SERVES_POLL_MS);
    }
    return false;
  }

  async #cut(host: string, step: Step, forMs: number): Promise<boolean> {
    const { faults } = this.#options;
    await faults.cut(host);
    this.#tell(`${host} is cut from the network, in ${step}`);
    try {
      await sleep(forMs, undefined, { signal: this.#told.signal }).catch(() => undefined);
    } finally {
      await faults.heal(host);
    }
    this.#tell(`${host} has its network again, after ${forMs / 1000} s`);
    return true;
  }
}
