import { ZdmsError } from '../../lib/zdms-error.ts';

export type PowerState = 'on' | 'off';

/**
 * The baseboard management controller of one machine: a computer beside the computer, which answers while the machine's operating
 * system does not. Acting and confirming are separate: what acts resolves when the controller has accepted it, and a later reading
 * tells whether it came to pass. Nothing that acts is ever sent twice by itself.
 *
 * All methods throw BmcError and nothing else; each has a deadline of its own.
 */
export interface Bmc {
  /**
   * Whether the machine has power. A machine on its way counts as what it was before: `on` until it is off, `off` until it is on.
   * Fails by `unreachable`, `refused` or `bad-answer`; then nothing is known.
   */
  readPower(): Promise<PowerState>;
  /**
   * Takes the machine's power away and gives it back; a machine that is off is switched on. Never graceful: the operating system is
   * not asked, so nothing must be running there that minds. Resolves when the controller has accepted it, which is before it happened.
   * Fails by `unreachable`, `refused` or `bad-answer` when certainly nothing happened, and by `unknown` when it may have.
   */
  powerCycle(): Promise<void>;
  /** Null where the controller cannot change firmware by this protocol (IPMI). */
  readonly firmware: FirmwareService | null;
}

/** Firmware of one machine, as its management controller knows and changes it (DSP0266 and DSP2046: UpdateService, TaskService). */
export interface FirmwareService {
  /**
   * What is installed, in the controller's order. Some controllers show a new version only after the machine's next reset.
   * Fails by `unreachable`, `refused` or `bad-answer`; then nothing is known.
   */
  readInventory(): Promise<readonly FirmwareItem[]>;
  /**
   * Makes the controller fetch the image from `imageUrl` (http or https; it must reach that by itself) and install it. `targets`: ids
   * of the inventory; none leaves it to the image. Resolves with the id of the controller's task as soon as that exists.
   * Fails by `unreachable`, `refused` or `bad-answer` when certainly nothing was begun, and by `unknown` when it may have been.
   */
  startUpdate(imageUrl: string, targets: readonly string[]): Promise<string>;
  /**
   * How far the task is. Controllers forget tasks, some at their own restart: `refused` then, and only the inventory tells.
   * A task that `succeeded` is the controller's word; the version in the inventory is the proof.
   * Fails by `unreachable`, `refused` or `bad-answer`; then nothing is known, least of all that the task failed.
   */
  readTask(id: string): Promise<FirmwareTask>;
}

export interface FirmwareItem {
  /** The controller's name for it, unique in one inventory. Some put the version into it, so that it is another one after an update. */
  readonly id: string;
  readonly name: string;
  /** As the controller writes it; empty where it does not know. */
  readonly version: string;
  /** False where the controller does not say so. */
  readonly updateable: boolean;
}

export interface FirmwareTask {
  readonly state: 'running' | 'succeeded' | 'failed';
  /** 0 to 100; null where the controller does not say. */
  readonly percent: number | null;
  /** The controller's own last words, on one line; empty where it has none. */
  readonly message: string;
}

/**
 * - `unreachable`: no answer to a reading, or what should act was certainly not sent.
 * - `refused`: it said no, in its own words; nothing was done.
 * - `bad-answer`: it answered a reading with something that makes no sense, or too much of it; nothing was done.
 * - `unknown`: what acts was sent, and no answer that can be relied on came back. It may have happened or not, now or later.
 */
export type BmcErrorKind = 'unreachable' | 'refused' | 'bad-answer' | 'unknown';

/** The one way in which a Bmc fails. `message`: which controller, and what was wrong; never a password. */
export class BmcError extends ZdmsError {
  readonly kind: BmcErrorKind;

  constructor(kind: BmcErrorKind, message: string) {
    const { code, next } = said[kind];
    super(code, message, next);
    this.name = 'BmcError';
    this.kind = kind;
  }
}

const said: Readonly<Record<BmcErrorKind, { readonly code: string; readonly next: string }>> = {
  unreachable: {
    code: 'ZDMS_BMC_UNREACHABLE',
    next: 'Check the network, and the section bmc of controller.yaml. Nothing was done to the machine.',
  },
  refused: {
    code: 'ZDMS_BMC_REFUSED',
    next: 'Check the rights of the user on the management controller. Nothing was done to the machine.',
  },
  'bad-answer': {
    code: 'ZDMS_BMC_BAD_ANSWER',
    next: 'Look at the management controller; it may need an update or a restart of its own. Nothing was done to the machine.',
  },
  unknown: {
    code: 'ZDMS_BMC_UNKNOWN',
    next: 'Look at the machine before anything is sent again: it may have been done.',
  },
};
