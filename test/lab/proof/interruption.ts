import { ZdmsError } from '../../../lib/zdms-error.ts';

/** The shell's convention for Ctrl-C. */
export const exitInterrupted = 130;

/** A signal that aborts at the first Ctrl-C (or SIGTERM, SIGHUP); further ones are ignored, so that the clean-up is not cut short. */
export function interruptionSignal(): AbortSignal {
  const interruption = new AbortController();
  const interrupt = (): void => {
    if (interruption.signal.aborted) return;
    console.error('interrupted, cleaning up');
    interruption.abort(
      new ZdmsError('ZDMS_DEMO_INTERRUPTED', 'interrupted; the lab is down', 'run it again: it starts anew'),
    );
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('SIGHUP', interrupt);
  return interruption.signal;
}

/** The work, or as soon as the signal aborts its reason. The work itself ends with the lab under it. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const interrupted = Promise.withResolvers<never>();
  const interrupt = (): void => interrupted.reject(signal.reason as Error);
  if (signal.aborted) interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  // Whoever loses the race may fail later: nobody waits for it any more.
  work.catch(() => undefined);
  interrupted.promise.catch(() => undefined);
  return Promise.race([work, interrupted.promise]);
}

/** Prints what went wrong and returns the exit code for it. */
export function reportError(error: unknown): number {
  if (!(error instanceof ZdmsError)) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  }
  console.error(`${error.code}: ${error.message}${error.next === null ? '' : `\n  next: ${error.next}`}`);
  if (error.code === 'ZDMS_DEMO_INTERRUPTED') return exitInterrupted;
  return error.code.endsWith('_USAGE') ? 2 : 1;
}
