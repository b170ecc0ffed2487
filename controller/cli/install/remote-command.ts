/** How one program is run on a host. */
export interface RemoteCommand {
  readonly deadlineMs: number;
  readonly input?: string;
  readonly inputFile?: string;
  /** Runs after Ctrl-C too: for cleaning up. */
  readonly evenIfInterrupted?: boolean;
}

/** sshd hands one string to the user's shell, so every word that a shell could read otherwise is quoted. */
export function shellWords(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
