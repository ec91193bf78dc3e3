import { BUILD_SERVICE_ACCOUNT } from "../../contract/names";
import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

interface ServiceAccount {
  metadata: { name?: string };
  automountServiceAccountToken: boolean;
}

export const buildPodsWithoutToken = resourcePolicy<ServiceAccount>(
  {
    name: "build-pods-without-token",
    severity: "critical",
    description: "Build pods get no token for the Kubernetes API.",
    remediation: `Set automountServiceAccountToken of ${BUILD_SERVICE_ACCOUNT} to false: a build runs its user's code as root.`,
    blind: "The pods themselves, which the builder makes: its own tests hold that they mount no token.",
  },
  [TYPES.serviceAccount],
  ({ props }) =>
    props.metadata?.name === BUILD_SERVICE_ACCOUNT && props.automountServiceAccountToken !== false
      ? ["automountServiceAccountToken is not false; set it."]
      : [],
);
