import type { KubernetesClient } from "../kubernetes/client";
import type { EventRecorder } from "../kubernetes/events";
import { keyOf } from "../kubernetes/objects";
import { FUNCTIONS, type LambdaFunction } from "../kubernetes/resources";
import { changed } from "./conditions";
import type { Draft } from "./draft";

/** Writes what is the case, and an Event for each thing that is said for the first time. */
export class StatusWriter {
  /** What was last written or read of a function: a watch may be behind it. */
  private readonly latest = new Map<string, LambdaFunction>();

  constructor(
    private readonly client: KubernetesClient,
    private readonly events: Pick<EventRecorder, "record">,
  ) {}

  /** The newer of what a watch has and what was written here. Resource versions are decimal numbers that grow (KEP-5504). */
  newest(seen: LambdaFunction): LambdaFunction {
    const key = keyOf(seen);
    const own = this.latest.get(key);
    if (own === undefined) return seen;
    if (own.metadata.uid === seen.metadata.uid && version(own) > version(seen)) return own;
    this.latest.delete(key);
    return seen;
  }

  /** Takes an object that a write has answered with for the newest. */
  wrote(fn: LambdaFunction): LambdaFunction {
    const metadata = { ...fn.metadata };
    delete metadata.managedFields;
    const kept = { ...fn, metadata };
    this.latest.set(keyOf(fn), kept);
    return kept;
  }

  forget(key: string): void {
    this.latest.delete(key);
  }

  /**
   * @returns The function with the status as it is now
   * @throws ApiError that `isConflict` where the object has changed: what was decided is out of date
   */
  write(draft: Draft, signal: AbortSignal): Promise<LambdaFunction> {
    const status = draft.finish();
    return status === undefined ? Promise.resolve(draft.fn) : this.put(draft.fn, status, signal);
  }

  /**
   * As `write`, also where the status says the same already: one of two replicas that claim the same from the same observation is told that it
   * was not the first, unless both say the very same of the very same.
   */
  claim(draft: Draft, signal: AbortSignal): Promise<LambdaFunction> {
    return this.put(draft.fn, draft.whole(), signal);
  }

  private async put(
    fn: LambdaFunction,
    status: NonNullable<LambdaFunction["status"]>,
    signal: AbortSignal,
  ): Promise<LambdaFunction> {
    const written = this.wrote(await this.client.replaceStatus(FUNCTIONS, fn, status, { signal }));
    for (const { type, status: is, reason, message } of changed(
      fn.status?.conditions ?? [],
      status.conditions ?? [],
    ))
      this.events.record(
        { apiVersion: written.apiVersion ?? "", kind: written.kind ?? "", metadata: fn.metadata },
        {
          type:
            is === "False" && (status.phase === "Failed" || type === "SpecHonoured") ? "Warning" : "Normal",
          reason,
          action: type.replace("Ready", ""),
          note: message,
        },
      );
    return written;
  }
}

function version({ metadata }: LambdaFunction): bigint {
  try {
    return BigInt(metadata.resourceVersion ?? "0");
  } catch {
    return 0n;
  }
}
