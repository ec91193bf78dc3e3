import type { z } from "zod";
import type { Command } from "../../contract/annotations";
import { actionOf, type EventAction } from "../../contract/eventTypes";
import type { Environment } from "../../contract/environment";
import { FUNCTION_KIND } from "../../contract/function/crd";
import { API_GROUP, API_VERSION } from "../../contract/names";
import { type FunctionSpecInput, parserName, parserRuntime, platformSource } from "../../contract/parser";
import type { FunctionKey } from "../types";
import type { IncomingEvent } from "./cloudEvent";
import { eventMetadata, functionName, namespaceName } from "./metadata";
import { invalid, type Mistake, MOST_MISTAKES } from "./refusal";
import { fieldPath, specMistakes } from "./specMistakes";

/** What an event asks to be written. */
export type Change =
  | {
      kind: "upsert";
      spec: FunctionSpecInput;
      labels: Record<string, string> | undefined;
      annotations: Record<string, string> | undefined;
    }
  /** Makes the function where it isn't there; else gives it the command, where there is one. */
  | { kind: "ensure"; spec: FunctionSpecInput; command: Command | undefined }
  | { kind: "command"; command: Command }
  | { kind: "delete" };

/** An event that was understood: which function, and what of it. */
export interface EventRequest {
  key: FunctionKey;
  change: Change;
  /** What is wrong with it. Told to whoever may change the function. */
  mistakes: readonly Mistake[];
}

export type IntakeEnvironment = Pick<
  Environment,
  "DEFAULT_NAMESPACE" | "BUCKET" | "AWS_REGION" | "BASE_IMAGE_PYTHON" | "BROKER_USER"
>;

/**
 * Reads what an event asks for; undefined for a type that is none of the platform's business.
 * @throws Refusal where it doesn't say of which function
 */
export function readRequest(event: IncomingEvent, environment: IntakeEnvironment): EventRequest | undefined {
  const action = actionOf(event.type);
  if (!action) return undefined;
  const data = event.data ?? {};
  if (typeof data !== "object" || Array.isArray(data))
    throw invalid([{ field: "data", message: "is no JSON object" }]);
  return readAction(action, event, data as Record<string, unknown>, environment);
}

function readAction(
  action: EventAction,
  event: IncomingEvent,
  data: Record<string, unknown>,
  environment: IntakeEnvironment,
): EventRequest {
  switch (action.kind) {
    case "upsert":
      return upsert(data, environment);
    case "delete":
      return { ...named(data, event, environment), change: { kind: "delete" } };
    case "command":
      return { ...named(data, event, environment), change: { kind: "command", command: action.command } };
    case "delete-parser":
      return { ...parser(data, event, environment), change: { kind: "delete" } };
    case "build-parser":
      return ensure(parser(data, event, environment), data, environment, "build.start");
    case "ensure-parser":
      return ensure(parser(data, event, environment), data, environment, undefined);
  }
}

const nothingElse = ["metadata", "spec", "apiVersion", "kind"];
/** What an event with a whole object is about, where it says so: nothing else can be created here. */
const ABOUT = { apiVersion: `${API_GROUP}/${API_VERSION}`, kind: FUNCTION_KIND } as const;

function upsert(data: Record<string, unknown>, { DEFAULT_NAMESPACE }: IntakeEnvironment): EventRequest {
  const metadata = eventMetadata.safeParse(data["metadata"] ?? {});
  const mistakes = [
    ...issues("data.metadata", metadata.error),
    ...specMistakes(data["spec"], "data.spec"),
    ...Object.entries(ABOUT)
      .filter(([name, only]) => data[name] !== undefined && data[name] !== only)
      .map(([name, only]) => ({ field: `data.${name}`, message: `is another; send ${only}, or nothing` })),
    ...Object.keys(data)
      .filter((name) => !nothingElse.includes(name))
      .slice(0, MOST_MISTAKES)
      .map((name) => ({ field: `data.${name.slice(0, 100)}`, message: "unknown field; remove it" })),
  ];
  const about = data["metadata"] as { name?: unknown; namespace?: unknown } | null | undefined;
  const key = keyOf(about?.name, about?.namespace, DEFAULT_NAMESPACE);
  // Whom to ask for permission is not known: then nothing is told but what is wrong.
  if (!key) throw invalid(mistakes);
  const { labels, annotations } = metadata.data ?? {};
  return {
    key,
    change: { kind: "upsert", spec: data["spec"] as FunctionSpecInput, labels, annotations },
    mistakes,
  };
}

/** The function that the data names: beside its other fields, or in `metadata`, or else the event's subject. */
function named(
  data: Record<string, unknown>,
  { subject }: IncomingEvent,
  { DEFAULT_NAMESPACE }: IntakeEnvironment,
): Pick<EventRequest, "key" | "mistakes"> {
  const metadata = (data["metadata"] ?? {}) as { name?: unknown; namespace?: unknown };
  const name = data["name"] ?? metadata.name ?? subject;
  const namespace = data["namespace"] ?? metadata.namespace;
  return keyOrRefusal(name, namespace, DEFAULT_NAMESPACE, "data.name");
}

function parser(
  data: Record<string, unknown>,
  { subject }: IncomingEvent,
  { DEFAULT_NAMESPACE }: IntakeEnvironment,
): Pick<EventRequest, "key" | "mistakes"> {
  const id = data["parser_id"] ?? subject;
  const name = typeof id === "string" && id !== "" ? parserName(id) : id === "" ? undefined : id;
  return keyOrRefusal(name, data["namespace"], DEFAULT_NAMESPACE, "data.parser_id");
}

function ensure(
  about: Pick<EventRequest, "key" | "mistakes">,
  data: Record<string, unknown>,
  { BUCKET, AWS_REGION, BASE_IMAGE_PYTHON }: IntakeEnvironment,
  command: Command | undefined,
): EventRequest {
  const spec = {
    source: platformSource(about.key, { bucket: BUCKET, region: AWS_REGION }),
    runtime: data["runtime"] ?? parserRuntime(BASE_IMAGE_PYTHON),
  };
  return {
    key: about.key,
    change: { kind: "ensure", spec: spec as FunctionSpecInput, command },
    mistakes: [...about.mistakes, ...specMistakes(spec, "data")],
  };
}

function keyOrRefusal(
  name: unknown,
  namespace: unknown,
  defaultNamespace: string,
  field: string,
): Pick<EventRequest, "key" | "mistakes"> {
  const key = keyOf(name, namespace, defaultNamespace);
  if (key) return { key, mistakes: [] };
  throw invalid([
    ...(name === undefined
      ? [{ field, message: "missing; name the function" }]
      : issues(field, functionName.safeParse(name).error)),
    ...(namespace === undefined ? [] : issues("data.namespace", namespaceName.safeParse(namespace).error)),
  ]);
}

function keyOf(name: unknown, namespace: unknown, defaultNamespace: string): FunctionKey | undefined {
  const function_ = functionName.safeParse(name);
  const in_ = namespaceName.safeParse(namespace ?? defaultNamespace);
  return function_.success && in_.success ? { namespace: in_.data, name: function_.data } : undefined;
}

const issues = (at: string, error: z.ZodError | undefined): Mistake[] =>
  (error?.issues ?? []).flatMap((issue) =>
    issue.code === "unrecognized_keys"
      ? issue.keys.map((name) => ({
          field: fieldPath(at, [...issue.path, name.slice(0, 100)]),
          message: "unknown here; an event sets name, namespace, labels and annotations",
        }))
      : [{ field: fieldPath(at, issue.path), message: issue.message }],
  );
