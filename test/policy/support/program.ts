import { resolve } from "node:path";
import { evaluate } from "../../../preview/evaluate";
import type { Registration } from "../../../preview/recordingMonitor";
import { readStackFile } from "../../../preview/stackFile";
import type { Subject } from "./judge";

const PROJECT_FOLDER = resolve(__dirname, "..", "..", "..");

/** What no stack file turns on, and a policy guards. */
const OPTIONS = [
  "knative.domain=functions.example.com",
  "knative.loadBalancer=internet-facing",
  "knative.certificateArn=arn:aws:acm:us-west-2:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab",
  "budget.monthlyUsd=1500",
  "budget.emails=[platform@example.com]",
];

/** A registered resource as a policy is asked about it. */
export const subjectOf = ({
  type,
  name,
  urn,
  inputs,
  protect,
  propertyDependencies,
}: Registration): Subject => ({
  type,
  name,
  urn,
  protect,
  props: inputs,
  madeFrom: Object.values(propertyDependencies).flat(),
});

/** What the real program registers for production, with everything turned on. */
export const program = async (stack = "prod", sets: readonly string[] = OPTIONS): Promise<Subject[]> => {
  const { registrations } = await evaluate(readStackFile(PROJECT_FOLDER, stack, sets));
  return registrations.map(subjectOf);
};
