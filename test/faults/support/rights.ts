import {
  type AccessRule,
  buildRules,
  clusterRules,
  functionNamespaceRules,
  systemRules,
} from "../../../components/builder/accessRules";
import { BUILD_NAMESPACE, SYSTEM_NAMESPACE } from "../../../contract/names";
import type { Audited } from "./auditLog";

/** Asked for by an admission plugin and not by a request, where an owned object blocks its owner's deletion. */
const ASKED_BY_ADMISSION = ["update lambda.knative.io/lambdafunctions/finalizers"];

/** The builder's rules and the namespace that they are bound in; undefined for all. The lab's functions live where they are built. */
const BOUND: readonly (readonly [readonly AccessRule[], string | undefined])[] = [
  [clusterRules, undefined],
  [buildRules, BUILD_NAMESPACE],
  [functionNamespaceRules, BUILD_NAMESPACE],
  [systemRules, SYSTEM_NAMESPACE],
];

/** Rights of the builder's that none of these requests needed: `verb group/resource in namespace`. */
export function unused(requests: readonly Audited[]): string[] {
  return BOUND.flatMap(([rules, namespace]) => {
    const used = new Set(
      requests
        .filter(({ objectRef }) => namespace === undefined || objectRef?.namespace === namespace)
        .flatMap(({ verb, objectRef = { resource: "" } }) => {
          const { apiGroup = "", resource, subresource } = objectRef;
          const what = `${apiGroup}/${resource}${subresource === undefined ? "" : `/${subresource}`}`;
          // What is applied and isn't there is created: that right is asked for too, and no audit log says so.
          return verb === "patch" ? [`patch ${what}`, `create ${what}`] : [`${verb} ${what}`];
        }),
    );
    return rules
      .flatMap(({ apiGroups, resources, verbs }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
        ),
      )
      .filter((right) => !used.has(right) && !ASKED_BY_ADMISSION.includes(right))
      .map((right) => `${right} in ${namespace ?? "all namespaces"}`);
  });
}

/** What was refused for want of a right. */
export const refused = (requests: readonly Audited[]): string[] =>
  requests
    .filter(({ responseStatus }) => responseStatus?.code === 403)
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
