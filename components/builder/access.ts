import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../../contract/labels";
import {
  BROKER_SERVICE_ACCOUNT,
  BUILD_NAMESPACE,
  BUILDER,
  TRIGGER_SERVICE_ACCOUNT,
} from "../../contract/names";
import {
  type AccessRule,
  buildRules,
  clusterRules,
  editFunctions,
  functionNamespaceRules,
  systemRules,
  viewFunctions,
} from "./accessRules";

const FUNCTION_NAMESPACE_ROLE = `${BUILDER}-function-namespace`;
const VIEW_ROLE = "knative-lambda-functions-view";
const EDIT_ROLE = "knative-lambda-functions-edit";
const RBAC = "rbac.authorization.k8s.io";

export interface BuilderAccessArgs {
  /** The builder's namespace. */
  namespace: pulumi.Input<string>;
  /** Namespace of build Jobs. */
  buildNamespace: pulumi.Input<string>;
  /** Namespaces whose source Secrets may be read. They must exist. */
  functionNamespaces: readonly string[];
  /** Events of the broker port are taken, with the rights of a service account that may edit functions in `functionNamespaces`. */
  brokerEvents: boolean;
}

/** Who the builder is and what it may do, and what users of a namespace may do with its functions. */
export class BuilderAccess extends pulumi.ComponentResource {
  /** The builder's service account. */
  readonly serviceAccount: pulumi.Output<string>;

  constructor(name: string, args: BuilderAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("knative-lambda:kubernetes:BuilderAccess", name, {}, opts);
    const child = { parent: this };
    const { namespace, buildNamespace } = args;

    const account = serviceAccount(`${name}-service-account`, BUILDER, namespace, child);
    this.serviceAccount = account.metadata.name;
    const builder = { kind: "ServiceAccount", name: this.serviceAccount, namespace };

    const clusterRole = (
      suffix: string,
      roleName: string,
      rules: readonly AccessRule[],
      aggregateTo: string[] = [],
    ) =>
      new k8s.rbac.v1.ClusterRole(
        `${name}-${suffix}`,
        {
          metadata: {
            name: roleName,
            labels: {
              ...labels("builder"),
              ...Object.fromEntries(aggregateTo.map((role) => [`${RBAC}/aggregate-to-${role}`, "true"])),
            },
          },
          rules: [...rules],
        },
        child,
      );
    const everywhere = clusterRole("cluster", BUILDER, clusterRules);
    new k8s.rbac.v1.ClusterRoleBinding(
      `${name}-cluster-binding`,
      {
        metadata: { name: BUILDER, labels: labels("builder") },
        roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: everywhere.metadata.name },
        subjects: [builder],
      },
      child,
    );

    const bind = (
      suffix: string,
      objectName: string,
      inNamespace: pulumi.Input<string>,
      role: k8s.rbac.v1.Role | k8s.rbac.v1.ClusterRole,
      subject: typeof builder,
    ) =>
      new k8s.rbac.v1.RoleBinding(
        `${name}-${suffix}`,
        {
          metadata: { name: objectName, namespace: inNamespace, labels: labels("builder") },
          roleRef: {
            apiGroup: RBAC,
            kind: role instanceof k8s.rbac.v1.Role ? "Role" : "ClusterRole",
            name: role.metadata.name,
          },
          subjects: [subject],
        },
        child,
      );
    const grant = (suffix: string, inNamespace: pulumi.Input<string>, rules: readonly AccessRule[]) => {
      const role = new k8s.rbac.v1.Role(
        `${name}-${suffix}`,
        { metadata: { name: BUILDER, namespace: inNamespace, labels: labels("builder") }, rules: [...rules] },
        child,
      );
      bind(`${suffix}-binding`, BUILDER, inNamespace, role, builder);
    };
    grant("system", namespace, systemRules);
    grant("builds", buildNamespace, buildRules);

    clusterRole("view", VIEW_ROLE, viewFunctions, ["view", "edit", "admin"]);
    const edit = clusterRole("edit", EDIT_ROLE, editFunctions, ["edit", "admin"]);

    const inFunctionNamespace = clusterRole(
      "function-namespace",
      FUNCTION_NAMESPACE_ROLE,
      functionNamespaceRules,
    );
    const subject = (suffix: string, accountName: string): typeof builder => ({
      ...builder,
      name: serviceAccount(`${name}-${suffix}`, accountName, namespace, child).metadata.name,
    });
    const broker = args.brokerEvents ? subject("broker", BROKER_SERVICE_ACCOUNT) : undefined;
    // Who may make tokens for it may trigger builds: a right that can be given without one to the functions themselves.
    const trigger = subject("trigger", TRIGGER_SERVICE_ACCOUNT);
    for (const functionNamespace of args.functionNamespaces) {
      // By its output where the program makes it, so that it is there first.
      const there = functionNamespace === BUILD_NAMESPACE ? buildNamespace : functionNamespace;
      bind(`${functionNamespace}-secrets`, FUNCTION_NAMESPACE_ROLE, there, inFunctionNamespace, builder);
      bind(`${functionNamespace}-trigger`, TRIGGER_SERVICE_ACCOUNT, there, edit, trigger);
      if (broker) bind(`${functionNamespace}-broker`, BROKER_SERVICE_ACCOUNT, there, edit, broker);
    }

    this.registerOutputs({ serviceAccount: this.serviceAccount });
  }
}

/** Without a token by default: pods that need one ask for it. */
function serviceAccount(
  resourceName: string,
  name: string,
  namespace: pulumi.Input<string>,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.ServiceAccount {
  return new k8s.core.v1.ServiceAccount(
    resourceName,
    { metadata: { name, namespace, labels: labels("builder") }, automountServiceAccountToken: false },
    opts,
  );
}
