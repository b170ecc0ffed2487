import type { Context, Suite, Test } from 'mocha';

/** Where a skipped test or suite keeps its reason; the reporter prints it, and counts a skip without one as a failure. */
const reasons = new WeakMap<object, string>();

/**
 * Skips the running test, or from inside `before` its whole suite, and says why. Never returns: mocha leaves the test here.
 *
 * @param context `this` of the test or hook (so it must be a `function`, not an arrow).
 */
export function skipBecause(context: Context, reason: string): never {
  const runnable = context.test;
  if (runnable?.parent === undefined) throw new Error('skipBecause works only inside a test or a hook');
  // In a `before` mocha names the suite's first test as the current one, but all of them are skipped.
  const skipped = runnable.title.startsWith('"before all"') ? runnable.parent : (context.currentTest ?? runnable);
  reasons.set(skipped, reason);
  context.skip();
}

/** Why the test was skipped, or undefined if nobody said so. */
export function skipReasonOf(test: Test): string | undefined {
  let node: Test | Suite | undefined = test;
  while (node !== undefined) {
    const reason = reasons.get(node);
    if (reason !== undefined) return reason;
    node = node.parent;
  }
  return undefined;
}
