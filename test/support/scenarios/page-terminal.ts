import type { Terminal } from '../../../controller/cli/terminal/terminal.ts';

/** A terminal where nobody sits: output and errors end up on one page, in the order in which they were written. */
export class PageTerminal implements Terminal {
  readonly isLive = false;
  readonly canAsk = false;
  readonly hasColor = false;
  output = '';
  errors = '';
  #interrupt: () => void = () => undefined;

  columns(): number {
    return 120;
  }

  rows(): number {
    return 40;
  }

  write(text: string): void {
    this.output += text;
  }

  writeError(text: string): void {
    this.errors += text;
  }

  async ask(): Promise<boolean> {
    return false;
  }

  async askText(): Promise<string> {
    return '';
  }

  async askSecret(): Promise<string> {
    return '';
  }

  onResize(): () => void {
    return () => undefined;
  }

  onInterrupt(listener: () => void): () => void {
    this.#interrupt = listener;
    return () => undefined;
  }

  /** Ctrl-C. */
  interrupt(): void {
    this.#interrupt();
  }
}
