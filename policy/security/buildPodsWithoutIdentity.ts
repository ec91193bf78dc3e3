import { BUILD_SERVICE_ACCOUNT } from "../../contract/names";
import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES } from "../kit/types";

interface Props {
  serviceAccount: string;
  metadata: { name?: string; annotations?: Record<string, string> };
}

export const buildPodsWithoutIdentity = resourcePolicy<Props>(
  {
    name: "build-pods-without-identity",
    severity: "critical",
    description: "Build pods have no identity in AWS.",
    remediation: `Take the association or the annotation away from ${BUILD_SERVICE_ACCOUNT}: a build gets a credential of its own, for its namespace's repositories, from the builder.`,
  },
  [TYPES.podIdentityAssociation, TYPES.serviceAccount],
  ({ type, props }) => {
    if (type === TYPES.podIdentityAssociation)
      return props.serviceAccount === BUILD_SERVICE_ACCOUNT
        ? [
            `the service account of builds, ${BUILD_SERVICE_ACCOUNT}, is given a role; take the association away.`,
          ]
        : [];
    return props.metadata?.name === BUILD_SERVICE_ACCOUNT &&
      props.metadata.annotations?.["eks.amazonaws.com/role-arn"] !== undefined
      ? ["annotation eks.amazonaws.com/role-arn names a role; take it away."]
      : [];
  },
);
