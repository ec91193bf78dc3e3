import { setTimeout as sleep } from "node:timers/promises";
import {
  type Command,
  commandAnnotation,
  commandText,
  CORRELATION_ANNOTATION,
  EVENTS_ANNOTATION,
  KEPT_EVENTS,
  TRACE_ANNOTATION,
} from "../../contract/annotations";
import type { FunctionSpec } from "../../contract/function/spec";
import { type BackOff, backOffMs } from "../backOff";
import { isAlreadyExists, isConflict } from "../kubernetes/apiError";
import type { Desired, KubernetesClient } from "../kubernetes/client";
import { keyText } from "../kubernetes/objects";
import { FUNCTIONS, type LambdaFunction } from "../kubernetes/resources";
import { ownFields } from "../kubernetes/stamp";
import { traceText } from "../traceContext";
import type { FunctionKey } from "../types";
import { busy, Refusal } from "./refusal";
import type { Change } from "./request";
import { Turns } from "./turns";

/** Owner of what events set on a function: its spec, its labels, its annotations. */
export const EVENTS_FIELD_MANAGER = "knative-lambda-events";
/** Owner of the commands that events give: apart, as an apply takes away what it doesn't name. */
export const COMMANDS_FIELD_MANAGER = "knative-lambda-commands";

/** An event as it is kept on the function. */
export interface Taken {
  id: string;
  fingerprint: string;
  correlationId: string;
  /** Of the event's own span. */
  traceparent: string | undefined;
}

export type StoreOutcome =
  "created" | "updated" | "commanded" | "deleted" | "absent" | "present" | "repeated";

/** Others write the same objects, the status among them: a conflict is no failure. */
const ATTEMPTS = 12;
const BACK_OFF: BackOff = { baseMs: 20, capMs: 500 };
const MOST_REMEMBERED = 10_000;

/**
 * Stores what events ask for in the Kubernetes API. A function's own annotation says which events it has taken, so that a repeat changes nothing whichever
 * replica gets it; what this replica took it also remembers itself, so that a repeat of a deletion doesn't delete what was made anew.
 */
export class FunctionStore {
  private readonly events: KubernetesClient;
  private readonly commands: KubernetesClient;
  private readonly turns = new Turns();
  private readonly remembered = new Set<string>();

  constructor(
    client: KubernetesClient,
    private readonly now: () => Date = () => new Date(),
  ) {
    this.events = client.as(EVENTS_FIELD_MANAGER);
    this.commands = client.as(COMMANDS_FIELD_MANAGER);
  }

  /**
   * @throws Refusal where the function is not there, or is just being deleted; ApiError where the API server refuses
   */
  store(key: FunctionKey, change: Change, taken: Taken, signal: AbortSignal): Promise<StoreOutcome> {
    const event = `${keyText(key)} ${taken.fingerprint}`;
    return this.turns.take(keyText(key), async () => {
      if (this.remembered.has(event)) return "repeated";
      signal.throwIfAborted();
      const outcome = await this.repeatedly(() => this.write(key, change, taken, signal), signal);
      this.remember(event);
      return outcome;
    });
  }

  private async write(
    key: FunctionKey,
    change: Change,
    taken: Taken,
    signal: AbortSignal,
  ): Promise<StoreOutcome> {
    if (change.kind === "delete")
      return (await this.events.delete(FUNCTIONS, key, { signal })) ? "deleted" : "absent";
    const observed = await this.events.get(FUNCTIONS, key, { signal });
    const known = eventsOf(observed);
    if (known.includes(taken.fingerprint)) return "repeated";
    if (observed?.metadata.deletionTimestamp !== undefined)
      throw busy(`${keyText(key)} is being deleted; send the event again once it is gone`, 5);

    const generation = observed?.metadata.generation ?? 0;
    const nextGeneration = marks(known, taken, generation + 1);
    if (change.kind === "upsert") {
      const { spec, labels } = change;
      const wanted = { key, spec, labels, annotations: { ...change.annotations, ...nextGeneration } };
      return observed ? this.apply(observed, wanted, signal) : this.create(wanted, signal);
    }
    if (!observed) {
      if (change.kind === "ensure")
        return this.create(
          { key, spec: change.spec, labels: undefined, annotations: nextGeneration },
          signal,
        );
      throw new Refusal(400, "NoSuchFunction", `there is no function ${keyText(key)}; create it first`);
    }
    // A parser's event that only wants it to be there: nothing is to be done, and nothing to be kept.
    if (change.command === undefined) return "present";
    await this.command(observed, change.command, taken, marks(known, taken, generation), signal);
    return "commanded";
  }

  private async create(wanted: Wanted, signal: AbortSignal): Promise<StoreOutcome> {
    await this.events.create(FUNCTIONS, objectOf(wanted), { signal });
    return "created";
  }

  /** Sets exactly what the event names: a field that somebody else has set and the event doesn't name stays. */
  private async apply(observed: LambdaFunction, wanted: Wanted, signal: AbortSignal): Promise<StoreOutcome> {
    const { uid, resourceVersion } = (await ownFields(this.events, FUNCTIONS, observed, { signal })).metadata;
    const object = objectOf(wanted);
    // Of this very object and version: or events that were taken meanwhile would be forgotten.
    if (uid !== undefined) object.metadata.uid = uid;
    if (resourceVersion !== undefined) object.metadata.resourceVersion = resourceVersion;
    await this.events.apply(FUNCTIONS, object, { signal });
    return "updated";
  }

  private async command(
    { metadata: { name, namespace, resourceVersion, generation } }: LambdaFunction,
    command: Command,
    { id }: Taken,
    annotations: Record<string, string>,
    signal: AbortSignal,
  ): Promise<void> {
    const text = commandText({ id, generation, at: this.now().toISOString() });
    const change = {
      metadata: { resourceVersion, annotations: { ...annotations, [commandAnnotation(command)]: text } },
    };
    await this.commands.merge(FUNCTIONS, { namespace, name }, change, { signal });
  }

  private async repeatedly(write: () => Promise<StoreOutcome>, signal: AbortSignal): Promise<StoreOutcome> {
    for (let attempt = 1; ; attempt += 1)
      try {
        return await write();
      } catch (error) {
        if (!isConflict(error) && !isAlreadyExists(error)) throw error;
        if (attempt >= ATTEMPTS) throw busy("the function is changed all the time; send the event again");
        await sleep(backOffMs(attempt, BACK_OFF, Math.random()), undefined, { signal });
      }
  }

  private remember(event: string): void {
    this.remembered.add(event);
    for (const oldest of this.remembered) {
      if (this.remembered.size <= MOST_REMEMBERED) return;
      this.remembered.delete(oldest);
    }
  }
}

interface Wanted {
  key: FunctionKey;
  /** As the event has it: what it doesn't name is the API server's to fill in. */
  spec: unknown;
  labels: Record<string, string> | undefined;
  annotations: Record<string, string>;
}

const objectOf = ({ key, spec, labels, annotations }: Wanted): Desired<LambdaFunction> => ({
  metadata: { ...key, ...(labels === undefined ? {} : { labels }), annotations },
  spec: spec as FunctionSpec,
});

/**
 * What is kept of an event on its function.
 * @param generation the highest that the event can have asked for: that of a command is the present one
 */
const marks = (known: readonly string[], taken: Taken, generation: number): Record<string, string> => ({
  [EVENTS_ANNOTATION]: JSON.stringify([...known, taken.fingerprint].slice(-KEPT_EVENTS)),
  [CORRELATION_ANNOTATION]: taken.correlationId,
  ...(taken.traceparent === undefined
    ? {}
    : { [TRACE_ANNOTATION]: traceText(taken.traceparent, generation) }),
});

function eventsOf(observed: LambdaFunction | undefined): string[] {
  try {
    const value: unknown = JSON.parse(observed?.metadata.annotations?.[EVENTS_ANNOTATION] ?? "[]");
    return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
  } catch {
    // Written over by hand.
    return [];
  }
}
