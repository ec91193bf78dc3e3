import { kubectl } from "./kubectl";

const NAME = "knative-service-updated";

/** The lab plays the first revision of a Service only. This Stage of KWOK plays those that follow. */
const STAGE = {
  apiVersion: "kwok.x-k8s.io/v1alpha1",
  kind: "Stage",
  metadata: { name: NAME },
  spec: {
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
  },
};

/** @returns What takes it away again */
export async function updatedServicesBecomeReady(): Promise<() => Promise<void>> {
  await kubectl(["apply", "--server-side", "--force-conflicts", "--filename", "-"], JSON.stringify(STAGE));
  return async () => {
    await kubectl(["delete", "stage", NAME, "--ignore-not-found"]);
  };
}
