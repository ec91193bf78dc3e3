import { createRequire } from "node:module";

/** Of the SDK's own, without types: notes of a promise where it was made. */
interface Debuggable {
  debuggablePromise?: (promise: Promise<unknown>, context: unknown) => Promise<unknown>;
}

/**
 * Has the SDK note promises without where they were made. It formats a stack trace for each, thousands in an evaluation, which took half of its time;
 * they are read only where PULUMI_DEBUG_PROMISE_LEAKS asks for them. Where the SDK has no such function any more, nothing is done.
 */
export function dropPromiseStacks(): void {
  if (process.env["PULUMI_DEBUG_PROMISE_LEAKS"] !== undefined) return;
  const sdk = createRequire(__filename)("@pulumi/pulumi/runtime/debuggable.js") as Debuggable;
  const { debuggablePromise } = sdk;
  if (debuggablePromise === undefined) return;
  sdk.debuggablePromise = (promise, context) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
}
