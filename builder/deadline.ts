/**
 * Runs `work` with a signal that aborts after `ms` milliseconds, or with the caller's. Nothing is left on the caller's signal, which
 * may be the process's own and live for days (`AbortSignal.any` leaves something behind each time).
 * @throws What `work` throws: by its signal's reason a `TimeoutError`, or the reason of the caller's signal
 */
export async function withDeadline<T>(
  ms: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const abort = (): void => {
    controller.abort(signal?.reason);
  };
  signal?.addEventListener("abort", abort, { once: true });
  const timer = setTimeout(() => {
    controller.abort(new DOMException(`no end within ${ms} ms`, "TimeoutError"));
  }, ms);
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
