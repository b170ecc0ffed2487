const answersAtOnce = ['now', 'monotonic', 'fraction', 'id'];

/** Whether a process runs, stands still (SIGSTOP) or is dead (SIGKILL); and its ports, through which alone it meets the world. */
export class ProcessLife {
  #state: 'runs' | 'stands-still' | 'dead' = 'runs';
  #held: (() => void)[] = [];

  get isAlive(): boolean {
    return this.#state !== 'dead';
  }

  get isRunning(): boolean {
    return this.#state === 'runs';
  }

  kill(): void {
    this.#state = 'dead';
    this.#held = [];
  }

  /** From now on nothing reaches it; what it asked for before goes on without it. */
  pause(): void {
    if (this.#state === 'runs') this.#state = 'stands-still';
  }

  /** It finds everything that would have reached it meanwhile, in that order. */
  resume(): void {
    if (this.#state !== 'stands-still') return;
    this.#state = 'runs';
    for (const run of this.#held.splice(0)) run();
  }

  /** Resolves while it runs: at once, when it goes on, or never. */
  running(): Promise<void> {
    return new Promise((resolve) => this.#whenRunning(resolve));
  }

  /** A port as this process has it. */
  port<T extends object>(port: T): T {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        if (answersAtOnce.includes(String(name))) return member.bind(target) as unknown;
        return (...args: unknown[]): unknown => this.#call(() => Reflect.apply(member, target, args) as unknown);
      },
    });
  }

  #call(work: () => unknown): unknown {
    if (!this.isRunning) return this.running().then(() => this.#call(work));
    const result = work();
    return result instanceof Promise ? this.#answerOf(result) : result;
  }

  #answerOf(promise: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      promise.then(
        (value) => this.#whenRunning(() => resolve(value)),
        (error: unknown) => this.#whenRunning(() => reject(error instanceof Error ? error : new Error(String(error)))),
      );
    });
  }

  #whenRunning(run: () => void): void {
    if (this.isRunning) run();
    else if (this.isAlive) this.#held.push(run);
  }
}
