import type { Report } from '../../proto/generated/zdms/v1/Report.ts';
import type { Cancel, Clock } from '../clock.ts';
import type { OperatingSystem } from '../observe/operating-system.ts';
import type { SurveyFile } from '../survey-file.ts';
import type { NumberedReport } from './host-observer.ts';

/** Right after boot units still fail or recover, so they are looked at more often at first. */
const UNITS_EVERY_MS_AT_FIRST = 10_000;
const UNITS_EVERY_MS = 60_000;
const UNITS_LOOKS_AT_FIRST = 6;

/** Where the parts of a report come from. */
export interface ReportParts {
  readonly clock: Clock;
  readonly agentVersion: string;
  readonly system: OperatingSystem;
  /** Sorted names; null when systemd did not answer, and then the last list stays. */
  readFailedUnits(): Promise<readonly string[] | null>;
  /** This host's own copy of its labels; null when it cannot be read, and then the last ones stay. Asked at each beat. */
  readLabels(): Promise<Readonly<Record<string, string>> | null>;
  /** The last survey; null when there was none. Asked at each beat. */
  readSurvey(): Promise<SurveyFile | null>;
}

/** Puts the full report together, and numbers it by its content: the same number means that there is nothing new to send. */
export class ReportSource {
  readonly #parts: ReportParts;
  #failedUnits: readonly string[] = [];
  #labels: Readonly<Record<string, string>> = {};
  #content = '';
  #current: NumberedReport = { number: 0, report: {} };
  #cancelLook: Cancel = () => undefined;
  #looks = 0;

  constructor(parts: ReportParts) {
    this.#parts = parts;
  }

  /** Starts to look at failed units; until the first answer a report names none. */
  start(): void {
    void this.#lookAtUnits();
  }

  stop(): void {
    this.#cancelLook();
    this.#looks = Number.NaN;
  }

  async current(): Promise<NumberedReport> {
    this.#labels = (await this.#parts.readLabels()) ?? this.#labels;
    const report = this.#compose(await this.#parts.readSurvey());
    const content = JSON.stringify(report);
    if (content !== this.#content) {
      this.#content = content;
      this.#current = { number: this.#current.number + 1, report };
    }
    return this.#current;
  }

  #compose(surveyFile: SurveyFile | null): Report {
    const { agentVersion, system } = this.#parts;
    return {
      agentVersion,
      ...system,
      hardwareModel: surveyFile?.hardwareModel ?? '',
      labels: { ...this.#labels },
      failedUnits: [...this.#failedUnits],
      survey: surveyFile?.survey ?? null,
    };
  }

  async #lookAtUnits(): Promise<void> {
    this.#failedUnits = (await this.#parts.readFailedUnits()) ?? this.#failedUnits;
    if (Number.isNaN(this.#looks)) return;
    this.#looks += 1;
    const waitMs = this.#looks <= UNITS_LOOKS_AT_FIRST ? UNITS_EVERY_MS_AT_FIRST : UNITS_EVERY_MS;
    this.#cancelLook = this.#parts.clock.after(waitMs, () => void this.#lookAtUnits());
  }
}
