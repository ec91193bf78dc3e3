import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { LEGACY_TYPES } from "../../contract/eventTypes";
import type { FunctionSpecInput } from "../../contract/parser";
import type { Connection } from "./connect";

/** A CloudEvent, in structured form. */
export interface TriggerEvent {
  specversion: "1.0";
  id: string;
  type: string;
  source: string;
  subject: string;
  time: string;
  datacontenttype: "application/json";
  data: { parser_id: string; namespace: string; runtime?: FunctionSpecInput["runtime"] };
}

/**
 * Asks for a parser to be built: made where there is none, of the platform's `<namespace>/<name>.tar.gz`; else built anew as its spec has it.
 * @param runtime what a new function runs on
 */
export const triggerEvent = (
  name: string,
  namespace: string,
  runtime: FunctionSpecInput["runtime"] | undefined,
): TriggerEvent => ({
  specversion: "1.0",
  id: randomUUID(),
  type: LEGACY_TYPES.buildStart,
  source: "/knative-lambda/trigger",
  subject: name,
  time: new Date().toISOString(),
  datacontenttype: "application/json",
  data: { parser_id: name, namespace, ...(runtime === undefined ? {} : { runtime }) },
});

const ATTEMPTS = 5;
const TIMEOUT_MS = 30_000;
const MOST_WAIT_MS = 30_000;

interface Answer {
  status: number;
  text: string;
  retryAfterMs: number | undefined;
}

/**
 * Sends an event until it is taken. The builder knows a repeat by its id, so that trying again is no second build.
 * @param pauseMs milliseconds before the second attempt; before each further one, as much longer
 * @throws Error with the builder's answer where it refuses
 */
export async function send(
  { url, token }: Pick<Connection, "url" | "token">,
  event: TriggerEvent,
  pauseMs = 500,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await post(url, token, event);
    const refused = typeof answer !== "string";
    if (refused && answer.status === 202) return;
    const again = !refused || answer.status === 429 || answer.status >= 500;
    if (!again || attempt === ATTEMPTS)
      throw new Error(
        refused ? `${url} answered ${answer.status}${explain(answer)}` : `${url} can't be reached: ${answer}`,
      );
    await sleep((refused ? answer.retryAfterMs : undefined) ?? pauseMs * attempt);
  }
}

/** The answer, or why there is none. */
async function post(url: string, token: string, event: TriggerEvent): Promise<Answer | string> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/cloudevents+json" },
      body: JSON.stringify(event),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const seconds = Number(response.headers.get("retry-after") ?? NaN);
    const retryAfterMs = Number.isFinite(seconds) ? Math.min(seconds * 1000, MOST_WAIT_MS) : undefined;
    return { status: response.status, text: await response.text(), retryAfterMs };
  } catch (error) {
    const { message, cause } = error as Error & { cause?: Error };
    return cause === undefined || cause.message === "" ? message : cause.message;
  }
}

function explain({ status, text }: Answer): string {
  const why = text.trim().slice(0, 500);
  const remedy =
    status === 401
      ? " (the token is missing, too old or another cluster's)"
      : status === 403
        ? " (the token's account may not edit functions in that namespace)"
        : "";
  return `${why === "" ? "" : `: ${why}`}${remedy}`;
}
