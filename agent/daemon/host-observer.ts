import type { Report } from '../../proto/generated/zdms/v1/Report.ts';
import type { Vitals } from '../../proto/generated/zdms/v1/Vitals.ts';
import type { Check, CheckResult } from '../observe/checks.ts';

/** A report and its number, which grows whenever the content changed. */
export interface NumberedReport {
  readonly number: number;
  readonly report: Report;
}

/** What a session tells about its host. No method rejects. */
export interface HostObserver {
  readonly bootId: string;
  vitals(): Promise<Vitals | null>;
  checks(checks: readonly Check[]): Promise<readonly CheckResult[]>;
  report(): Promise<NumberedReport>;
}
