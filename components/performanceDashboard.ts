import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../contract/labels";
import { DASHBOARD_UID } from "../contract/names";
import { alerts } from "../observability/alerts";
import { buildDashboard } from "../observability/dashboard";
import type { DashboardArgs } from "../observability/dashboardArgs";
import { recordingRules } from "../observability/recordingRules";
import type { RuleGroup } from "../observability/rule";

/** Beside what the dashboard draws as lines: */
export interface PerformanceDashboardArgs extends DashboardArgs {
  /** Namespace of Prometheus and Grafana; it exists before this component. */
  namespace: string;
  /** Value of the `release` label. Prometheus ignores rules without it, and says nothing of it. */
  release: string;
}

/**
 * SRE-002's performance dashboard for Grafana's sidecar, and the rules of its targets for the Prometheus operator.
 * Give it `dependsOn` what brings namespace and PrometheusRule's definition: its objects wait for that too.
 */
export class PerformanceDashboard extends pulumi.ComponentResource {
  /** Of the dashboard, the same in every stack: `/d/<uid>` of Grafana. */
  readonly uid: string = DASHBOARD_UID;

  constructor(name: string, args: PerformanceDashboardArgs, opts?: pulumi.ComponentResourceOptions) {
    super("knative-lambda:kubernetes:PerformanceDashboard", name, {}, opts);
    const { namespace, release, ...dashboardArgs } = args;
    const child = {
      parent: this,
      // Pulumi lets a component wait for what it depends on, not each of its children.
      ...(opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }),
    };

    new k8s.core.v1.ConfigMap(
      `${name}-dashboard`,
      {
        metadata: {
          name: DASHBOARD_UID,
          namespace,
          // The sidecar of kube-prometheus-stack's Grafana looks for this label in all namespaces.
          labels: { ...labels("performance-dashboard"), grafana_dashboard: "1" },
        },
        data: { [`${DASHBOARD_UID}.json`]: JSON.stringify(buildDashboard(dashboardArgs), undefined, 2) },
      },
      child,
    );

    const prometheusRule = (suffix: string, groups: RuleGroup[]) =>
      new k8s.apiextensions.CustomResource(
        `${name}-${suffix}`,
        {
          apiVersion: "monitoring.coreos.com/v1",
          kind: "PrometheusRule",
          metadata: {
            name: `knative-lambda-${suffix}`,
            namespace,
            labels: { ...labels("performance-dashboard"), release },
          },
          spec: { groups },
        },
        child,
      );
    prometheusRule("recording-rules", recordingRules());
    prometheusRule("alerts", alerts(args.runbooks));

    this.registerOutputs({ uid: this.uid });
  }
}
