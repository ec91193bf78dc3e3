import { withDeadline } from "../deadline";
import type { KubernetesClient } from "../kubernetes/client";
import { keyText } from "../kubernetes/objects";
import type { Tracing } from "../tracing";
import { Access, type Caller, type Verb } from "./access";
import { apiRefusal } from "./apiRefusal";
import type { IncomingEvent } from "./cloudEvent";
import { FunctionStore, type StoreOutcome } from "./functionStore";
import { invalid, Refusal } from "./refusal";
import { type Change, type IntakeEnvironment, readRequest } from "./request";

export interface IntakeArgs {
  environment: IntakeEnvironment;
  /** Give it a rate limit of its own, so that a flood of events takes nothing from builds. */
  client: KubernetesClient;
  tracing: Pick<Tracing, "event">;
  /** Longest time of one event, in milliseconds. @default 20000 */
  timeoutMs?: number | undefined;
}

export interface Accepted {
  outcome: StoreOutcome | "ignored";
  /** `namespace/name`; undefined for an event that is none of the platform's business. */
  function: string | undefined;
}

const VERBS: Record<Change["kind"], readonly Verb[]> = {
  upsert: ["create", "update"],
  ensure: ["create", "update"],
  command: ["update"],
  delete: ["delete"],
};

/** Takes events: validates, asks for the sender's rights, stores. What it has accepted is in the Kubernetes API. */
export class Intake {
  readonly access: Access;
  private readonly store: FunctionStore;

  constructor(private readonly args: IntakeArgs) {
    this.access = new Access(args.client);
    this.store = new FunctionStore(args.client);
  }

  /**
   * @throws Refusal where the event is not taken
   */
  async take(event: IncomingEvent, caller: Caller, correlationId: string): Promise<Accepted> {
    const from = new Date();
    const request = readRequest(event, this.args.environment);
    if (!request) return { outcome: "ignored", function: undefined };
    const { key, change, mistakes } = request;
    const verbs = VERBS[change.kind];
    if (!(await this.access.mayAll(caller, verbs, key)))
      throw new Refusal(
        403,
        "Forbidden",
        `${caller.username} may not ${verbs.join(" and ")} lambdafunctions in namespace ${key.namespace}`,
      );
    if (mistakes.length > 0) throw invalid(mistakes);
    const { id, source, type, fingerprint } = event;
    const span = this.args.tracing.event(event.traceparent, from);
    const taken = { id, fingerprint, traceparent: span.traceparent, correlationId };
    try {
      const outcome = await withDeadline(this.args.timeoutMs ?? 20_000, undefined, (signal) =>
        this.store.store(key, change, taken, signal),
      );
      span.accepted(key, {
        "cloudevents.event_id": id,
        "cloudevents.event_source": source,
        "cloudevents.event_type": type,
        "event.outcome": outcome,
        "event.correlation_id": correlationId,
      });
      return { outcome, function: keyText(key) };
    } catch (error) {
      throw apiRefusal(error, key) ?? error;
    }
  }
}
