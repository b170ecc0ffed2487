/** Values of DSP2046's ResetType that a simulated machine can do. */
export const RESET_TYPES = ['On', 'ForceOff', 'ForceRestart', 'ForceOn', 'PowerCycle'] as const;
export type ResetType = (typeof RESET_TYPES)[number];

export interface FirmwareState {
  readonly name: string;
  version: string;
  readonly updateable: boolean;
  /** Installed, and in force after the next reset; null: nothing. */
  waiting: string | null;
}

export interface FirmwareTaskState {
  state: 'Running' | 'Completed' | 'Exception';
  percent: number;
  message: string;
}

/** Everything that a simulated management controller knows of its machine. */
export interface MachineState {
  power: 'On' | 'Off';
  resetTypes: readonly ResetType[];
  /** Ids in the collection; only "1" is there. */
  systems: readonly string[];
  readonly firmware: Map<string, FirmwareState>;
  readonly tasks: Map<string, FirmwareTaskState>;
}
