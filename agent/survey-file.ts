import { readFile, stat } from 'node:fs/promises';
import type { Survey } from '../proto/generated/zdms/v1/Survey.ts';

/** What `survey` writes for the daemon: the survey as it goes on the wire, and the inventory that takes root or child processes. */
export interface SurveyFile {
  readonly survey: Survey;
  /** Maker and model, as the firmware tells them; empty when it does not. */
  readonly hardwareModel: string;
}

/** Null when there has been no survey yet. */
export async function readSurveyFile(file: string): Promise<SurveyFile | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as SurveyFile;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Reads the file again only when it was replaced; what cannot be read leaves the last content in place. */
export class SurveyFileReader {
  readonly #file: string;
  #stamp = '';
  #content: SurveyFile | null = null;

  constructor(file: string) {
    this.#file = file;
  }

  async read(): Promise<SurveyFile | null> {
    const { ino, mtimeMs } = await stat(this.#file).catch(() => ({ ino: 0, mtimeMs: 0 }));
    const stamp = `${ino} ${mtimeMs}`;
    if (stamp === this.#stamp) return this.#content;
    this.#content = await readSurveyFile(this.#file).catch(() => this.#content);
    this.#stamp = stamp;
    return this.#content;
  }
}
