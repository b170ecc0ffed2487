import type { Check } from '../../../controller/core/fleet.ts';
import type { CheckResult, GetResult, Requester } from '../../../controller/ports/requester.ts';
import type { Clock } from '../../../controller/ports/clock.ts';
import type { FaultScript } from './faults.ts';
import type { SimulatedHost } from './simulated-host.ts';

const answerMs = 3;

/** The controller's own eyes, and its imitation of users. */
export class SimulatedRequester implements Requester {
  readonly #hosts: ReadonlyMap<string, SimulatedHost>;
  readonly #clock: Clock;
  readonly #faults: FaultScript;

  constructor(hosts: ReadonlyMap<string, SimulatedHost>, clock: Clock, faults: FaultScript) {
    this.#hosts = hosts;
    this.#clock = clock;
    this.#faults = faults;
  }

  async check(address: string, _check: Check): Promise<CheckResult> {
    await this.#clock.sleep(answerMs);
    const host = [...this.#hosts.values()].find((each) => each.parts.host.address === address);
    const passed = host?.isReachable === true && host.isHealthy;
    return { passed, detail: passed ? '' : 'no answer' };
  }

  async get(): Promise<GetResult> {
    await this.#clock.sleep(answerMs);
    const balancers = [...this.#hosts.values()].flatMap((host) =>
      host.parts.balancer === null ? [] : [host.parts.balancer],
    );
    const server = balancers
      .flatMap((balancer) => balancer.show())
      .find((each) => each.up && each.admin === 'ready')?.server;
    if (this.#faults.probeFails() || server === undefined) return { status: 503, server: server ?? '', detail: '' };
    return { status: 200, server, detail: '' };
  }
}
