/** Whose time it was: the package manager's, the restarted services', the health checks', the users' requests that were still in flight. */
export type SpentOn = 'packages' | 'restarts' | 'checks' | 'drain';

/** What a running step hands to the platform: where to log, what to remark, whose time is spent. */
export interface StepContext {
  /** The step's log; programs write to it directly, so that they outlive this process. */
  readonly logPath: string;
  /** Adds one line to the log. */
  note(line: string): void;
  /** Something worth a person's look that does not make the step fail. */
  remark(text: string): void;
  /** Runs `work` and books its duration (ms), also when it throws. */
  measure<T>(spentOn: SpentOn, work: () => Promise<T>): Promise<T>;
}
