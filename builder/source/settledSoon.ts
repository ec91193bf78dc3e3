/** Time in which work that was called off ends by itself, in milliseconds. */
const GRACE_MS = 250;

/**
 * What `work` comes to, or the signal's reason soon after it was called off. A peer can bring a client into waiting for what never comes, and past
 * hearing its signal: a name that is never resolved, an answer that switches to another protocol. The time of a fetch is over all the same.
 */
export async function settledSoon<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let giveUp: (() => void) | undefined;
  const givenUp = new Promise<never>((_resolve, reject) => {
    giveUp = () => {
      timer = setTimeout(() => {
        reject(signal.reason as Error);
      }, GRACE_MS);
    };
    if (signal.aborted) giveUp();
    else signal.addEventListener("abort", giveUp, { once: true });
  });
  try {
    return await Promise.race([work, givenUp]);
  } finally {
    clearTimeout(timer);
    if (giveUp) signal.removeEventListener("abort", giveUp);
  }
}
