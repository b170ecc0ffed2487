/** Where a verb reads and writes; tests hand in one that remembers. */
export interface Terminal {
  /** Standard output is a terminal: live views and colours make sense. */
  readonly isLive: boolean;
  /** Somebody can answer a question. */
  readonly canAsk: boolean;
  readonly hasColor: boolean;
  columns(): number;
  rows(): number;
  /** As it is, without a newline of its own. */
  write(text: string): void;
  writeError(text: string): void;
  /** A question that only `y` or `yes` answers with true; end of input and Ctrl-C are a no. */
  ask(question: string): Promise<boolean>;
  /** What a person types; '' at the end of input and at Ctrl-C. */
  askText(question: string): Promise<string>;
  /** The same without showing it. */
  askSecret(question: string): Promise<string>;
  /** Both return how to stop listening. The first Ctrl-C is told, a second one ends the process. */
  onResize(listener: () => void): () => void;
  onInterrupt(listener: () => void): () => void;
}
