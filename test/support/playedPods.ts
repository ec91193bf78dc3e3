import { exists } from "./kubectl";
import { playStage } from "./kwokStage";

const NAME = "pod-ready-again";

/**
 * KWOK makes a pod Ready once. One whose node was not heard of for a moment, as on a machine that stood still, would be unready for ever,
 * where a kubelet would say again how it is. This Stage says it in the kubelet's place.
 */
const STAGE = {
  resourceRef: { apiGroup: "v1", kind: "Pod" },
  selector: {
    matchExpressions: [
      { key: ".metadata.deletionTimestamp", operator: "DoesNotExist" },
      { key: ".status.phase", operator: "In", values: ["Running"] },
      {
        key: '.status.conditions.[] | select( .type == "Ready" ) | .status',
        operator: "In",
        values: ["False"],
      },
    ],
  },
  delay: { durationMilliseconds: 1000 },
  next: {
    statusTemplate: `
conditions:
- {type: Ready, status: "True", lastTransitionTime: {{ Now | Quote }}}
`,
  },
};

/** @returns What takes it away again */
export async function podsBecomeReadyAgain(): Promise<() => Promise<void>> {
  if (!(await exists("crd", "stages.kwok.x-k8s.io"))) return () => Promise.resolve();
  return playStage(NAME, STAGE);
}
