import { MockMonitor, type MockCallArgs } from "@pulumi/pulumi/runtime/mocks";
import * as structproto from "google-protobuf/google/protobuf/struct_pb";
import * as resproto from "@pulumi/pulumi/proto/resource_pb";
import { getProject, getStack } from "@pulumi/pulumi/runtime/settings";
import { dropPromiseStacks } from "./promiseStacks";

dropPromiseStacks();

/** How the wire writes a value that is not known before it is created. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** A resource as the program registers it. */
export interface Registration {
  urn: string;
  type: string;
  name: string;
  /** URN of the parent; "" for what lies at the top of the stack. */
  parent: string;
  /** Whether a provider makes it; a component otherwise. */
  custom: boolean;
  /** Whether a provider makes it out of several resources that only the engine sees, as `eks.Cluster`. */
  remote: boolean;
  protect: boolean;
  retainOnDelete: boolean;
  ignoreChanges: string[];
  /** URNs of everything that must be there first. */
  dependencies: string[];
  /** URNs of what each input is made from, by the input's name. */
  propertyDependencies: Record<string, string[]>;
  /** Reference of the provider that is named for it, `<urn>::<id>`; "" for the default one. */
  provider: string;
  /** Inputs with unknown values as {@link UNKNOWN} and secrets as `[secret]`. */
  inputs: Record<string, unknown>;
  /** The same as it went over the wire, with secrets and unknown values in the SDK's own marks. */
  wire: Record<string, unknown>;
}

/** Answers a call of a provider's function. Throws on one that it doesn't know. */
export type AnswerCall = (call: MockCallArgs) => Record<string, unknown>;

/** Outputs of a resource beyond its inputs. What is not named is unknown, as in a preview. */
export type OutputsOf = (registration: Registration) => Record<string, unknown>;

type Callback<T> = (error: unknown, response?: T) => void;

/**
 * Takes the place of the engine's resource monitor and keeps every registration whole: type, parent, protection, dependencies.
 * Like a provider's preview it knows of a resource what the program says, and nothing that only its creation would tell.
 */
export class RecordingMonitor extends MockMonitor {
  readonly registrations: Registration[] = [];
  /** What components and the stack answer, by URN, with the stand-ins that inputs have. */
  readonly outputs = new Map<string, Record<string, unknown>>();
  /** What `answerCall` threw: the SDK passes on that a call failed, not why. */
  readonly failedCalls: unknown[] = [];
  /** Providers whose configuration is unknown, as a kubeconfig is before its cluster is there. */
  private readonly unconfigured = new Set<string>();

  constructor(
    answerCall: AnswerCall,
    private readonly outputsOf: OutputsOf = () => ({}),
  ) {
    super({
      call: (call) => {
        try {
          return answerCall(call);
        } catch (error) {
          this.failedCalls.push(error);
          throw error;
        }
      },
      newResource: ({ type, name }) => {
        throw new Error(`${type} ${name} was not registered through the monitor`);
      },
    });
  }

  override registerResource(
    request: resproto.RegisterResourceRequest,
    callback: Callback<resproto.RegisterResourceResponse>,
  ): Promise<void> {
    try {
      const raw = (request.getObject()?.toJavaScript() ?? {}) as Record<string, unknown>;
      const registration: Registration = {
        urn: urnOf(request.getParent(), request.getType(), request.getName()),
        type: request.getType(),
        name: request.getName(),
        parent: request.getParent(),
        custom: request.getCustom(),
        remote: request.getRemote(),
        protect: request.getProtect() ?? false,
        retainOnDelete: request.getRetainondelete() ?? false,
        ignoreChanges: request.getIgnorechangesList(),
        dependencies: request.getDependenciesList(),
        propertyDependencies: Object.fromEntries(
          [...request.getPropertydependenciesMap().entries()].map(([name, made]) => [
            name,
            made.getUrnsList(),
          ]),
        ),
        provider: request.getProvider(),
        inputs: plain(raw) as Record<string, unknown>,
        wire: raw,
      };
      if (this.registrations.some(({ urn }) => urn === registration.urn))
        throw new Error(`two resources have the URN ${registration.urn}`);
      this.registrations.push(registration);
      if (registration.type.startsWith("pulumi:providers:") && hasUnknown(raw))
        this.unconfigured.add(registration.urn);
      // The engine doesn't ask a provider that it can't configure yet: nothing of the resource is known, not even its inputs.
      const known = this.unconfigured.has(
        registration.provider.slice(0, registration.provider.lastIndexOf("::")),
      )
        ? {}
        : raw;
      const state = { ...known, ...this.outputsOf(registration) };
      this.resources.set(registration.urn, { urn: registration.urn, id: null, state });
      const response = new resproto.RegisterResourceResponse();
      response.setUrn(registration.urn);
      response.setObject(
        structproto.Struct.fromJavaScript(state as { [key: string]: structproto.JavaScriptValue }),
      );
      callback(null, response);
    } catch (error) {
      callback(error);
    }
    return Promise.resolve();
  }

  override registerResourceOutputs(
    request: resproto.RegisterResourceOutputsRequest,
    callback: Callback<object>,
  ): void {
    const outputs = (request.getOutputs()?.toJavaScript() ?? {}) as Record<string, unknown>;
    this.outputs.set(request.getUrn(), plain(outputs) as Record<string, unknown>);
    callback(null, {});
  }
}

/** The URN of a resource, made as the engine makes it: with the types of all its parents. */
function urnOf(parent: string, type: string, name: string): string {
  const parentType = parent === "" ? "" : (parent.split("::")[2] ?? "");
  const qualified =
    parentType === "" || parentType === "pulumi:pulumi:Stack" ? type : `${parentType}$${type}`;
  return `urn:pulumi:${getStack()}::${getProject()}::${qualified}::${name}`;
}

function hasUnknown(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === UNKNOWN;
  return Object.values(value).some(hasUnknown);
}

/** A wire value without its wrappers. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (SIGNATURE in value) {
    const special = value as Record<string, unknown>;
    return special[SIGNATURE] === SECRET ? "[secret]" : plain(special["value"]);
  }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
