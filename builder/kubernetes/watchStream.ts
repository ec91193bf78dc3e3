import { InfrastructureError } from "../types";
import { ApiError } from "./apiError";
import type { Selection } from "./client";
import type { ApiObject } from "./objects";
import { pathOf, type Resource } from "./resources";
import type { Transport } from "./transport";

export interface WatchEvent<T> {
  /** A BOOKMARK's object carries a version, and nothing else. */
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  object: T;
}

export interface WatchOptions<T> {
  /** Version after which to begin. */
  resourceVersion: string;
  /** How long the server is to go on, in seconds. It sends a bookmark shortly before it ends. */
  seconds: number;
  /** Silence after which the way to the server counts as broken, in milliseconds. */
  silentMs: number;
  onEvent: (event: WatchEvent<T>) => void;
  /** Told of each sign of life. */
  onContact?: () => void;
  signal: AbortSignal;
}

const LINE_FEED = 0x0a;

/**
 * One watch, from its request to its end.
 *
 * client-node's own `Watch` gives up after 30 silent seconds, before the server's bookmarks (one a minute) can come,
 * and swallows what it can't parse and what a callback throws.
 * @throws ApiError on an ERROR event; InfrastructureError where the connection breaks or falls silent
 */
export async function watchStream<T extends ApiObject>(
  transport: Transport,
  resource: Resource<T>,
  { namespace, labelSelector, fieldSelector }: Selection,
  { resourceVersion, seconds, silentMs, onEvent, onContact, signal }: WatchOptions<T>,
): Promise<void> {
  const path = pathOf(resource, { namespace });
  const what = `WATCH ${path}`;
  const controller = new AbortController();
  const stop = (): void => {
    controller.abort(signal.reason);
  };
  signal.throwIfAborted();
  signal.addEventListener("abort", stop, { once: true });
  const silence = setTimeout(() => {
    controller.abort(new InfrastructureError("WatchSilent", `${what}: silent for ${silentMs} ms`));
  }, silentMs);
  try {
    await transport.stream(
      {
        method: "GET",
        path,
        query: {
          watch: true,
          allowWatchBookmarks: true,
          resourceVersion,
          timeoutSeconds: seconds,
          labelSelector,
          fieldSelector,
        },
        signal: controller.signal,
      },
      controller.signal,
      async (body) => {
        silence.refresh();
        onContact?.();
        let rest: Buffer = Buffer.alloc(0);
        for await (const chunk of body as AsyncIterable<Buffer>) {
          silence.refresh();
          onContact?.();
          let data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
          for (let end = data.indexOf(LINE_FEED); end >= 0; end = data.indexOf(LINE_FEED)) {
            onEvent(readEvent<T>(what, data.toString("utf8", 0, end)));
            data = data.subarray(end + 1);
          }
          rest = data;
        }
      },
    );
  } finally {
    clearTimeout(silence);
    signal.removeEventListener("abort", stop);
    controller.abort();
  }
}

function readEvent<T>(what: string, line: string): WatchEvent<T> {
  let event: { type: WatchEvent<T>["type"] | "ERROR"; object: T };
  try {
    event = JSON.parse(line) as typeof event;
  } catch (cause) {
    throw new InfrastructureError("WatchUnreadable", `${what}: a line that is no JSON`, { cause });
  }
  if (event.type !== "ERROR") return { type: event.type, object: event.object };
  const { code } = event.object as { code?: number };
  throw ApiError.of(what, code ?? 500, JSON.stringify(event.object));
}
