import { capacity, type Capacity } from "../estimate/capacity";
import { monthlyCost, type MonthlyCost } from "../estimate/cost";
import { STAND_IN_ACCOUNT, standInZones } from "./awsStandIns";
import type { Evaluation } from "./evaluate";
import { type PreviewedResource, previewedResource, withUnknowns } from "./resources";
import type { StackFile } from "./stackFile";
import type { Verdicts } from "./strict/verdicts";
import { tuning, type TuningRow } from "./tuning";

/** Everything that the preview tells of a stack. */
export interface Report {
  stack: string;
  target: "aws" | "cluster";
  region: string | null;
  /** The settings that `--set` named. */
  set: string[];
  notes: string[];
  resources: PreviewedResource[];
  tuning: TuningRow[];
  capacity: Capacity;
  cost: MonthlyCost;
  outputs: Record<string, unknown>;
  /** What the policy pack says, where it was asked. */
  policies?: Verdicts;
}

export function report(
  file: StackFile,
  { settings, registrations, outputs }: Evaluation,
  verdicts?: Verdicts,
): Report {
  return {
    stack: file.stack,
    target: settings.target,
    region: settings.region ?? null,
    set: file.set,
    notes: notes(file, settings, registrations),
    resources: registrations.map(previewedResource),
    tuning: tuning(settings, file),
    capacity: capacity(settings),
    cost: monthlyCost(settings),
    outputs: withUnknowns(outputs) as Record<string, unknown>,
    ...(verdicts === undefined ? {} : { policies: verdicts }),
  };
}

/** The line that says what the preview is worth. */
export const evaluationNote = (stack: string): string =>
  `Stack ${stack}: an offline evaluation. The engine's word is \`pulumi preview\`.`;

function notes(
  file: StackFile,
  settings: Evaluation["settings"],
  registrations: Evaluation["registrations"],
): string[] {
  const { autoscaling, replicas } = settings.builderService;
  const remote = registrations.filter((registration) => registration.remote);
  return [
    evaluationNote(file.stack),
    ...(settings.target === "aws" && settings.region !== undefined
      ? [`Stand-ins: account ${STAND_IN_ACCOUNT}, zones ${standInZones(settings.region).join(", ")}.`]
      : []),
    ...remote.map(
      ({ name, type }) => `What ${name} (${type}) is made of is not shown: its provider makes that.`,
    ),
    ...(autoscaling.enabled
      ? [
          `builderService.replicas ${replicas} has no effect: the HPA decides, between ${autoscaling.minReplicas} and ${autoscaling.maxReplicas}.`,
        ]
      : []),
    ...(settings.network.vpcId !== undefined
      ? [
          `${settings.network.vpcId} must bring a gateway endpoint for S3 in the routes of its private subnets: layers, sources and contexts go that way. Nothing here makes it, or looks.`,
        ]
      : []),
    ...(file.secretKeys.length > 0 ? [`Secret, and not looked at: ${file.secretKeys.join(", ")}.`] : []),
  ];
}
