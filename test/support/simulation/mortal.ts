const answersAtOnce = ['now', 'monotonic', 'fraction', 'id'];

/** A port as one process has it: once that process is dead nothing reaches it any more, and it reaches nothing. */
export function mortal<T extends object>(port: T, isAlive: () => boolean): T {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function' || answersAtOnce.includes(String(name)))
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      return (...args: unknown[]): unknown => {
        if (!isAlive()) return new Promise(() => undefined);
        const result: unknown = Reflect.apply(member, target, args);
        return result instanceof Promise ? whileAlive(result, isAlive) : result;
      };
    },
  });
}

function whileAlive(promise: Promise<unknown>, isAlive: () => boolean): Promise<unknown> {
  return new Promise((resolve, reject) => {
    promise.then(
      (value) => isAlive() && resolve(value),
      (error: unknown) => isAlive() && reject(error instanceof Error ? error : new Error(String(error))),
    );
  });
}
