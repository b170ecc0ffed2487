import type { Terminal } from '../../controller/cli/terminal/terminal.ts';

/** A terminal that remembers what was written and answers as told. */
export class FakeTerminal implements Terminal {
  isLive = false;
  canAsk = false;
  hasColor = false;
  width = 80;
  height = 24;
  written = '';
  errors = '';
  readonly questions: string[] = [];
  answer = false;
  /** What is typed where a text is asked for. */
  typed = '';
  /** Called after every write; a test acts on what it sees. */
  onWrite: (all: string) => void = () => undefined;
  readonly #interrupts = new Set<() => void>();
  readonly #resizes = new Set<() => void>();

  columns(): number {
    return this.width;
  }

  rows(): number {
    return this.height;
  }

  write(text: string): void {
    this.written += text;
    this.onWrite(this.written);
  }

  writeError(text: string): void {
    this.errors += text;
  }

  async ask(question: string): Promise<boolean> {
    this.questions.push(question);
    return this.answer;
  }

  async askText(question: string): Promise<string> {
    this.questions.push(question);
    return this.typed;
  }

  askSecret(question: string): Promise<string> {
    return this.askText(question);
  }

  onResize(listener: () => void): () => void {
    this.#resizes.add(listener);
    return () => void this.#resizes.delete(listener);
  }

  onInterrupt(listener: () => void): () => void {
    this.#interrupts.add(listener);
    return () => void this.#interrupts.delete(listener);
  }

  /** Ctrl-C. */
  interrupt(): void {
    for (const listener of this.#interrupts) listener();
  }

  resize(width: number): void {
    this.width = width;
    for (const listener of this.#resizes) listener();
  }
}
