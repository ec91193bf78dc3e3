import type { AnalyzeDiagnostic, AnalyzerInfo, AnalyzeResponse } from "@pulumi/pulumi/proto/analyzer_pb";
import * as proto from "@pulumi/pulumi/proto/analyzer_pb";
import type { ServiceError } from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Registration } from "../recordingMonitor";
import type { PolicyPack } from "./policyPack";
import { analyzeRequest, analyzeStackRequest } from "./requests";

export type Level = "mandatory" | "advisory";

/** What a policy says of a resource. */
export interface Verdict {
  policy: string;
  level: Level;
  /** `low`, `medium`, `high` or `critical`. */
  severity: string;
  /** Of the resource, or of the stack. */
  urn: string;
  /** What is wrong and what would be right, or why it can't be told. */
  message: string;
}

/** What a policy pack says of a stack. */
export interface Verdicts {
  pack: string;
  version: string;
  /** Number of policies that were asked. */
  policies: number;
  verdicts: Verdict[];
}

/** Whether a mandatory policy is violated. */
export const isRefused = ({ verdicts }: Verdicts): boolean =>
  verdicts.some(({ level }) => level === "mandatory");

/** Has a pack judge every resource, then the stack, in the engine's order. */
export async function judge(
  { client }: PolicyPack,
  registrations: readonly Registration[],
): Promise<Verdicts> {
  const info = await answer<AnalyzerInfo>((done) => client.getAnalyzerInfo(new Empty(), done));
  const stackUrn = registrations[0]?.urn ?? "";
  const ofResources = await Promise.all(
    registrations.map(async (registration) => {
      const response = await answer<AnalyzeResponse>((done) =>
        client.analyze(analyzeRequest(registration, registrations), done),
      );
      return response.getDiagnosticsList().map((found) => verdict(found, registration.urn));
    }),
  );
  const ofStack = await answer<AnalyzeResponse>((done) =>
    client.analyzeStack(analyzeStackRequest(registrations), done),
  );
  return {
    pack: info.getName(),
    version: info.getVersion(),
    policies: info.getPoliciesList().length,
    verdicts: [
      ...ofResources.flat(),
      ...ofStack.getDiagnosticsList().map((found) => verdict(found, found.getUrn() || stackUrn)),
    ],
  };
}

const SEVERITIES = ["", "low", "medium", "high", "critical"];

function verdict(found: AnalyzeDiagnostic, urn: string): Verdict {
  const description = `${found.getDescription()}\n`;
  const message = found.getMessage();
  return {
    policy: found.getPolicyname(),
    level: found.getEnforcementlevel() === proto.EnforcementLevel.MANDATORY ? "mandatory" : "advisory",
    severity: SEVERITIES[found.getSeverity()] ?? "",
    urn,
    // The SDK puts the policy's own description first.
    message: message.startsWith(description) ? message.slice(description.length) : message,
  };
}

const answer = <T>(call: (done: (error: ServiceError | null, response: T) => void) => unknown): Promise<T> =>
  new Promise((resolve, reject) => {
    call((error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
  });
