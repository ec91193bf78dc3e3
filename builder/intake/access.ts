import { createHash } from "node:crypto";
import { FUNCTION_PLURAL } from "../../contract/function/crd";
import { API_GROUP } from "../../contract/names";
import type { KubernetesClient } from "../kubernetes/client";
import { ACCESS_REVIEWS, TOKEN_REVIEWS } from "../kubernetes/resources";
import { InfrastructureError, type FunctionKey } from "../types";
import { ExpiringCache } from "./expiringCache";

/** Who sends an event, in the API server's words. */
export interface Caller {
  username: string;
  uid?: string | undefined;
  groups: readonly string[];
  extra?: Readonly<Record<string, string[]>> | undefined;
}

export type Verb = "create" | "update" | "delete";

/** How long the API server's answers are believed, in milliseconds. What is refused may be granted the next moment. */
const KEEP_MS = { granted: 10_000, refused: 2_000 } as const;
const ASK = { timeoutMs: 5_000 } as const;

/** Asks the API server who a caller is and what they may do, and believes its answers for a short while. */
export class Access {
  // Apart, so that whoever sends made-up tokens drives nobody's true one out.
  private readonly known: ExpiringCache<Caller | undefined>;
  private readonly unknown: ExpiringCache<true>;
  private readonly permitted: ExpiringCache<boolean>;

  constructor(
    private readonly client: KubernetesClient,
    { now, size = 4096 }: { now?: () => number; size?: number } = {},
  ) {
    const clock = now ? { now } : {};
    this.known = new ExpiringCache({
      size,
      keepMs: (caller) => (caller ? KEEP_MS.granted : 0),
      ...clock,
    });
    this.unknown = new ExpiringCache({ size, keepMs: () => KEEP_MS.refused, ...clock });
    this.permitted = new ExpiringCache({
      size,
      keepMs: (allowed) => (allowed ? KEEP_MS.granted : KEEP_MS.refused),
      ...clock,
    });
  }

  /** Whose token this is; undefined for one that the API server doesn't know. */
  async callerOf(token: string): Promise<Caller | undefined> {
    const key = createHash("sha256").update(token).digest("base64");
    if (this.unknown.peek(key)) return undefined;
    const caller = await this.known.get(key, () => this.review(token));
    if (!caller) await this.unknown.get(key, () => Promise.resolve(true as const));
    return caller;
  }

  /** Whether a caller may do all of this to a function. */
  async mayAll(caller: Caller, verbs: readonly Verb[], key: FunctionKey): Promise<boolean> {
    const answers = await Promise.all(verbs.map((verb) => this.may(caller, verb, key)));
    return answers.every(Boolean);
  }

  private async may(caller: Caller, verb: Verb, { namespace, name }: FunctionKey): Promise<boolean> {
    // A right to all functions of a namespace is asked for once, however many they are.
    if (await this.ask(caller, verb, namespace)) return true;
    return verb !== "create" && (await this.ask(caller, verb, namespace, name));
  }

  private ask(caller: Caller, verb: Verb, namespace: string, name?: string): Promise<boolean> {
    const attributes = {
      group: API_GROUP,
      resource: FUNCTION_PLURAL,
      verb,
      namespace,
      ...(name === undefined ? {} : { name }),
    };
    const { username, uid, groups, extra } = caller;
    const spec = {
      user: username,
      groups: [...groups],
      ...(uid === undefined ? {} : { uid }),
      ...(extra === undefined ? {} : { extra: { ...extra } }),
      resourceAttributes: attributes,
    };
    return this.permitted.get(JSON.stringify(spec), async () => {
      const { status } = await this.client.create(ACCESS_REVIEWS, { metadata: { name: "" }, spec }, ASK);
      return status?.allowed === true && status.denied !== true;
    });
  }

  private async review(token: string): Promise<Caller | undefined> {
    const { status } = await this.client.create(
      TOKEN_REVIEWS,
      { metadata: { name: "" }, spec: { token } },
      ASK,
    );
    if (status?.authenticated !== true) return undefined;
    const { username, uid, groups = [], extra } = status.user ?? {};
    if (username === undefined || username === "")
      throw new InfrastructureError("ApiServerUnreadable", "a token's review names no user");
    return { username, uid, groups, extra };
  }
}

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):[^:]+$/;

/** A user by name alone: a service account has the groups that the API server gives it. */
export function callerNamed(username: string): Caller {
  const namespace = SERVICE_ACCOUNT.exec(username)?.[1];
  const groups =
    namespace === undefined
      ? ["system:authenticated"]
      : ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  return { username, groups };
}
