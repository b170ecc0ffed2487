import type { Check } from '../../../controller/core/fleet.ts';
import type { CheckResult, GetResult, Requester } from '../../../controller/ports/requester.ts';
import type { Clock } from '../../../controller/ports/clock.ts';
import type { FaultScript } from './faults.ts';
import type { SimulatedHost } from './simulated-host.ts';

const answerMs = 3;

/** The controller's own eyes, and its imitation of users. */
export class SimulatedRequester implements Requester {
  readonly #hosts: ReadonlyMap<string, SimulatedHost>;
  readonly #byAddress = new Map<string, SimulatedHost>();
  readonly #balancers: readonly SimulatedHost[];
  readonly #clock: Clock;
  readonly #faults: FaultScript;

  constructor(hosts: ReadonlyMap<string, SimulatedHost>, clock: Clock, faults: FaultScript) {
    this.#hosts = hosts;
    for (const host of hosts.values()) this.#byAddress.set(host.parts.host.address, host);
    this.#balancers = [...hosts.values()].filter((host) => host.parts.balancer !== null);
    this.#clock = clock;
    this.#faults = faults;
  }

  async check(address: string, _check: Check): Promise<CheckResult> {
    await this.#clock.sleep(answerMs);
    const host = this.#byAddress.get(address);
    const passed = host?.isReachable === true && host.isHealthy;
    return { passed, detail: passed ? '' : 'no answer' };
  }

  /** Users of `http://BACKEND.example/` go to the first of its balancers that is well, and on to the first server that it sees up. */
  async get(url: string): Promise<GetResult> {
    await this.#clock.sleep(answerMs);
    const wanted = new URL(url).hostname.split('.')[0] ?? '';
    const balancer = this.#balancersOf(wanted).find((each) => each.isHealthy)?.parts.balancer;
    const backend = balancer?.backends.find((each) => each === wanted) ?? balancer?.backends[0] ?? '';
    const server = balancer?.serversOf(backend).find((each) => balancer.serves(each));
    if (this.#faults.probeFails() || server === undefined || this.#hosts.get(server)?.isHealthy !== true)
      return { status: 503, server: server ?? '', detail: '' };
    return { status: 200, server, detail: '' };
  }

  /** An address that names no backend is that of all balancers. */
  #balancersOf(backend: string): readonly SimulatedHost[] {
    const named = this.#balancers.filter(({ parts }) => parts.balancer?.backends.includes(backend) === true);
    return named.length > 0 ? named : this.#balancers;
  }
}
