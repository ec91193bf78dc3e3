import { playStage } from "./kwokStage";

const NAME = "knative-service-updated";

/** The lab plays the first revision of a Service only. This Stage of KWOK plays those that follow. */
const STAGE = {
  resourceRef: { apiGroup: "serving.knative.dev/v1", kind: "Service" },
  selector: {
    matchExpressions: [
      { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" },
      {
        key: ".status.observedGeneration != null and .status.observedGeneration != .metadata.generation",
        operator: "In",
        values: ["true"],
      },
    ],
  },
  delay: { durationMilliseconds: 500 },
  next: {
    statusTemplate: `
observedGeneration: {{ .metadata.generation }}
latestCreatedRevisionName: {{ printf "%s-%05v" .metadata.name .metadata.generation | Quote }}
latestReadyRevisionName: {{ printf "%s-%05v" .metadata.name .metadata.generation | Quote }}
`,
  },
};

/** @returns What takes it away again */
export const updatedServicesBecomeReady = (): Promise<() => Promise<void>> => playStage(NAME, STAGE);
