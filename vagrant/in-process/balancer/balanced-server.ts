import type { AdminState } from '../../../proto/zdms/v1/executor.ts';

/** Checks in a row until a server is up, or down; as in vagrant/haproxy-configuration.ts. */
const RISE = 2;
const FALL = 2;
const HEALTH_TOP = RISE + FALL - 1;

/** One server of a pool, with the states that HAProxy gives it and its rules for going up and down. */
export class BalancedServer {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  inFlight = 0;
  #admin: AdminState = 'ready';
  #health = RISE;

  constructor(name: string, address: string, port: number) {
    this.name = name;
    this.address = address;
    this.port = port;
  }

  get admin(): AdminState {
    return this.#admin;
  }

  get isUp(): boolean {
    return this.#health >= RISE;
  }

  /** Does it get new requests? */
  get isServing(): boolean {
    return this.#admin === 'ready' && this.isUp;
  }

  /** Leaving maint begins the checks anew: up, but not beyond doubt before one has passed. */
  setAdmin(admin: AdminState): void {
    if (this.#admin === 'maint' && admin !== 'maint') this.#health = RISE;
    this.#admin = admin;
  }

  /** Takes the result of a check; maint takes none. */
  takeCheck(passed: boolean): void {
    if (this.#admin === 'maint') return;
    if (!passed) {
      this.#health = this.#health > RISE ? this.#health - 1 : 0;
    } else if (this.#health < HEALTH_TOP) {
      this.#health += 1;
      if (this.#health >= RISE) this.#health = HEALTH_TOP;
    }
  }

  /** As in the column `status` of HAProxy's statistics. */
  get statusText(): string {
    if (this.#admin === 'maint') return 'MAINT';
    if (!this.isUp) return this.#health === 0 ? 'DOWN' : `DOWN ${this.#health}/${RISE}`;
    const doubt = this.#health < HEALTH_TOP ? ` ${this.#health - RISE + 1}/${FALL}` : '';
    return `${this.#admin === 'drain' ? 'DRAIN' : 'UP'}${doubt}`;
  }

  /** The columns of `show stat` that readers use, by name. */
  statistics(): Readonly<Record<string, string | number>> {
    return {
      svname: this.name,
      qcur: 0,
      scur: this.inFlight,
      status: this.statusText,
      weight: this.#admin === 'ready' ? 1 : 0,
      check_status: this.isUp ? 'L7OK' : 'L4CON',
      check_desc: '',
      check_rise: RISE,
      check_fall: FALL,
    };
  }

  /** The columns of `show servers state` that readers use, by name. */
  state(): Readonly<Record<string, string | number>> {
    return {
      srv_name: this.name,
      srv_op_state: this.isUp && this.#admin !== 'maint' ? 2 : 0,
      srv_admin_state: { ready: 0x00, maint: 0x01, drain: 0x08 }[this.#admin],
      srv_uweight: 1,
      srv_check_health: this.#health,
      srv_check_state: 0x04,
    };
  }
}
