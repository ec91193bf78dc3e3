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

const CREATED = 201;

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
        .filter(({ verb, objectRef }) =>
          // What is listed in one namespace needs no right in all.
          namespace === undefined && ["list", "watch"].includes(verb)
            ? objectRef?.namespace === undefined
            : namespace === undefined || objectRef?.namespace === namespace,
        )
        .flatMap(({ verb, objectRef = { resource: "" }, responseStatus }) => {
          const what = nameOf(objectRef);
          // What is applied and isn't there is created: that right is asked for too, and the log says it by the answer alone.
          return verb === "patch" && responseStatus?.code === CREATED
            ? [`patch ${what}`, `create ${what}`]
            : [`${verb} ${what}`];
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

/**
 * What was refused for want of a right, each time that it was asked for: `verb group/resource in namespace`. For a moment after its start an API
 * server refuses what it permits.
 */
export function refused(requests: readonly Audited[]): string[] {
  const answers = new Map<string, number[]>();
  for (const { verb, objectRef = { resource: "" }, responseStatus } of requests) {
    const what = `${verb} ${nameOf(objectRef)} in ${objectRef.namespace ?? "all namespaces"}`;
    answers.set(what, [...(answers.get(what) ?? []), responseStatus?.code ?? 0]);
  }
  return [...answers].filter(([, codes]) => codes.every((code) => code === 403)).map(([what]) => what);
}

const nameOf = ({ apiGroup = "", resource, subresource }: NonNullable<Audited["objectRef"]>): string =>
  `${apiGroup}/${resource}${subresource === undefined ? "" : `/${subresource}`}`;
