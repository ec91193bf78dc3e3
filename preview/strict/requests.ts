import * as structproto from "google-protobuf/google/protobuf/struct_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import { type Registration, UNKNOWN } from "../recordingMonitor";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";

/** A resource as the engine has it judged. */
export function analyzeRequest(
  registration: Registration,
  registrations: readonly Registration[],
): proto.AnalyzeRequest {
  const { type, urn, name } = registration;
  const request = new proto.AnalyzeRequest();
  request.setType(type);
  request.setUrn(urn);
  request.setName(name);
  request.setProperties(properties(registration));
  request.setOptions(options(registration));
  request.setProvider(providerOf(registration, registrations));
  return request;
}

/**
 * All resources as the engine has the stack judged. The engine gives their outputs, of which there are none offline: the inputs stand in,
 * and policy/kit/stackPolicy.ts says why the policies go by those anyway.
 */
export function analyzeStackRequest(registrations: readonly Registration[]): proto.AnalyzeStackRequest {
  const request = new proto.AnalyzeStackRequest();
  request.setResourcesList(
    registrations.map((registration) => {
      const resource = new proto.AnalyzerResource();
      resource.setType(registration.type);
      resource.setUrn(registration.urn);
      resource.setName(registration.name);
      resource.setParent(registration.parent);
      resource.setProperties(properties(registration));
      resource.setOptions(options(registration));
      resource.setProvider(providerOf(registration, registrations));
      resource.setDependenciesList(registration.dependencies);
      for (const [property, urns] of Object.entries(registration.propertyDependencies)) {
        const dependencies = new proto.AnalyzerPropertyDependencies();
        dependencies.setUrnsList(urns);
        resource.getPropertydependenciesMap().set(property, dependencies);
      }
      return resource;
    }),
  );
  return request;
}

function options({ protect, ignoreChanges, parent }: Registration): proto.AnalyzerResourceOptions {
  const message = new proto.AnalyzerResourceOptions();
  message.setProtect(protect);
  message.setIgnorechangesList(ignoreChanges);
  message.setParent(parent);
  return message;
}

function providerOf(
  { provider }: Registration,
  registrations: readonly Registration[],
): proto.AnalyzerProviderResource | undefined {
  const urn = provider.slice(0, Math.max(provider.lastIndexOf("::"), 0));
  const found = registrations.find((registration) => registration.urn === urn);
  if (found === undefined) return undefined;
  const message = new proto.AnalyzerProviderResource();
  message.setType(found.type);
  message.setUrn(found.urn);
  message.setName(found.name);
  message.setProperties(properties(found));
  return message;
}

const properties = ({ wire }: Registration): structproto.Struct =>
  structproto.Struct.fromJavaScript(analyzed(wire) as { [key: string]: structproto.JavaScriptValue });

/** A value as an analyzer takes it: secrets marked, and an output as its value, or as unknown where it has none. */
function analyzed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(analyzed);
  if (typeof value !== "object" || value === null) return value;
  const special = value as Record<string, unknown>;
  if (special[SIGNATURE] === OUTPUT) return "value" in special ? analyzed(special["value"]) : UNKNOWN;
  return Object.fromEntries(Object.entries(special).map(([key, item]) => [key, analyzed(item)]));
}
