import assert from "node:assert/strict";
import * as rules from "../../../components/builder/accessRules";
import { recordBuilder } from "./fixture";

const CLUSTER_ROLE = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole";
const ROLE = "kubernetes:rbac.authorization.k8s.io/v1:Role";
const BINDING = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding";
const BUILDER = {
  kind: "ServiceAccount",
  name: "knative-lambda-builder",
  namespace: "knative-lambda-system",
};

const inNamespaces: [where: string, list: readonly rules.AccessRule[]][] = [
  ["clusterRules", rules.clusterRules],
  ["buildRules", rules.buildRules],
  ["functionNamespaceRules", rules.functionNamespaceRules],
  ["systemRules", rules.systemRules],
  ["viewFunctions", rules.viewFunctions],
  ["editFunctions", rules.editFunctions],
];

/** `verb group/resource` of everything that a list of rules permits. */
const permissions = (list: readonly rules.AccessRule[]): string[] =>
  list.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
    ),
  );

describe("the builder's rights", () => {
  for (const [where, list] of inNamespaces)
    it(`name every verb, resource and group in ${where}`, () => {
      assert.doesNotMatch(JSON.stringify(list), /\*/);
    });

  it("reach into no Secret, ConfigMap, Job, Role or workload outside the namespaces they are given for", () => {
    const forbidden =
      /\/(secrets|configmaps|jobs|deployments|roles|rolebindings|clusterroles|clusterrolebindings|serviceaccounts|pods\/exec|nodes)\b/;
    assert.deepEqual(
      permissions(rules.clusterRules).filter((permission) => forbidden.test(permission)),
      [],
    );
  });

  it("only watch the pods of functions", () => {
    assert.deepEqual(
      permissions(rules.clusterRules).filter((permission) => permission.endsWith(" /pods")),
      ["list /pods", "watch /pods"],
    );
  });

  it("list no Secret anywhere, and write only the key of the build tokens", () => {
    const secrets = inNamespaces.flatMap(([where, list]) =>
      list
        .filter(({ resources }) => resources.includes("secrets"))
        .map(({ verbs, resourceNames }) => ({ where, verbs, resourceNames })),
    );
    assert.deepEqual(secrets, [
      { where: "functionNamespaceRules", verbs: ["get"], resourceNames: undefined },
      { where: "systemRules", verbs: ["get", "patch"], resourceNames: ["knative-lambda-build-token"] },
    ]);
  });

  it("never impersonate, escalate or bind", () => {
    const verbs = new Set(inNamespaces.flatMap(([, list]) => list.flatMap(({ verbs: named }) => named)));
    assert.deepEqual(
      ["impersonate", "escalate", "bind", "approve", "use"].filter((verb) => verbs.has(verb)),
      [],
    );
  });

  it("leave the status of functions to the builder", () => {
    assert.deepEqual(
      permissions([...rules.viewFunctions, ...rules.editFunctions]).filter((permission) =>
        permission.includes("/status"),
      ),
      [],
    );
  });
});

describe("BuilderAccess", () => {
  it("binds each list where it belongs and nowhere else", async () => {
    const recorded = await recordBuilder({ functions: { namespaces: ["knative-lambda", "team-a"] } });
    const bindings = recorded.all(BINDING).map(({ inputs }) => {
      const { namespace } = inputs["metadata"] as { namespace: string };
      const { kind, name } = inputs["roleRef"] as { kind: string; name: string };
      const [subject, ...others] = inputs["subjects"] as { name: string }[];
      assert.deepEqual(others, []);
      return `${namespace}: ${kind} ${name} for ${subject?.name ?? ""}`;
    });
    assert.deepEqual(bindings.sort(), [
      "knative-lambda-system: Role knative-lambda-builder for knative-lambda-builder",
      "knative-lambda: ClusterRole knative-lambda-builder-function-namespace for knative-lambda-builder",
      "knative-lambda: ClusterRole knative-lambda-functions-edit for knative-lambda-trigger",
      "knative-lambda: Role knative-lambda-builder for knative-lambda-builder",
      "team-a: ClusterRole knative-lambda-builder-function-namespace for knative-lambda-builder",
      "team-a: ClusterRole knative-lambda-functions-edit for knative-lambda-trigger",
    ]);
    const rulesOf = (type: string, name: string) => recorded.one(type, name).inputs["rules"];
    assert.deepEqual(rulesOf(ROLE, "builder-access-builds"), rules.buildRules);
    assert.deepEqual(rulesOf(ROLE, "builder-access-system"), rules.systemRules);
    assert.deepEqual(rulesOf(CLUSTER_ROLE, "builder-access-cluster"), rules.clusterRules);
    assert.deepEqual(
      rulesOf(CLUSTER_ROLE, "builder-access-function-namespace"),
      rules.functionNamespaceRules,
    );
  });

  it("gives users their rights through the roles they have", async () => {
    const recorded = await recordBuilder();
    const aggregated = (name: string) =>
      Object.keys(
        (recorded.one(CLUSTER_ROLE, name).inputs["metadata"] as { labels: Record<string, string> }).labels,
      )
        .filter((label) => label.startsWith("rbac"))
        .map((label) => label.replace("rbac.authorization.k8s.io/aggregate-to-", ""))
        .sort();
    assert.deepEqual(aggregated("builder-access-view"), ["admin", "edit", "view"]);
    assert.deepEqual(aggregated("builder-access-edit"), ["admin", "edit"]);
    assert.deepEqual(aggregated("builder-access-cluster"), []);
    assert.deepEqual(aggregated("builder-access-function-namespace"), []);
  });

  it("makes an account for the broker's events only where some namespace may send them", async () => {
    const brokers = async (eventSenders: string[]) => {
      const recorded = await recordBuilder({
        builderService: { eventSenders },
        functions: { namespaces: ["knative-lambda", "team-a"] },
      });
      return recorded.registrations.filter(({ name }) => name.endsWith("broker"));
    };
    assert.deepEqual(await brokers([]), []);
    const made = await brokers(["events"]);
    assert.deepEqual(made.map(({ name }) => name).sort(), [
      "builder-access-broker",
      "builder-access-knative-lambda-broker",
      "builder-access-team-a-broker",
    ]);
    for (const { inputs } of made.filter(({ type }) => type === BINDING)) {
      assert.deepEqual(inputs["subjects"], [{ ...BUILDER, name: "knative-lambda-broker" }]);
      assert.deepEqual(inputs["roleRef"], {
        apiGroup: "rbac.authorization.k8s.io",
        kind: "ClusterRole",
        name: "knative-lambda-functions-edit",
      });
    }
  });

  it("hands out no token unasked", async () => {
    const recorded = await recordBuilder({ builderService: { eventSenders: ["events"] } });
    const accounts = recorded.all("kubernetes:core/v1:ServiceAccount");
    assert.deepEqual(
      accounts.map(({ inputs }) => inputs["automountServiceAccountToken"]),
      [false, false, false],
    );
  });
});
