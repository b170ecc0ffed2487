/**
 * A signal that aborts when this process shall end: on SIGTERM, on SIGINT, or when its stdin closes, which is how it notices that
 * whoever started it is gone.
 */
export function endSignal(): AbortSignal {
  const told = new AbortController();
  const end = (): void => {
    told.abort();
    process.stdin.destroy();
  };
  process.once('SIGTERM', end).once('SIGINT', end);
  process.stdin.once('close', end).once('end', end).on('error', end);
  process.stdin.resume();
  return told.signal;
}
