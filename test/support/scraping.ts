import { BUILDER, SYSTEM_NAMESPACE } from "../../contract/names";
import { PrometheusServer } from "../observability/prometheusServer";
import type { BuilderProcess } from "./builderProcess";
import { kubectl } from "./kubectl";

/** Kueue's metrics, as its manager serves them: with a certificate of its own, to whoever may read /metrics. */
const KUEUE = process.env["KUEUE_METRICS"] ?? "127.0.0.1:18082";
const SCRAPER = "observability-scraper";

/** A token with which Kueue lets its metrics be read. */
async function scraperToken(): Promise<string> {
  const account = { name: SCRAPER, namespace: SYSTEM_NAMESPACE };
  const items = [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: account },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      metadata: { name: SCRAPER },
      rules: [{ nonResourceURLs: ["/metrics"], verbs: ["get"] }],
    },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name: SCRAPER },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: SCRAPER },
      subjects: [{ kind: "ServiceAccount", ...account }],
    },
  ];
  await kubectl(
    ["apply", "--server-side", "--filename", "-"],
    JSON.stringify({ apiVersion: "v1", kind: "List", items }),
  );
  const token = await kubectl(["create", "token", SCRAPER, "--namespace", SYSTEM_NAMESPACE, "--duration=2h"]);
  return token.trim();
}

/**
 * A Prometheus that scrapes builders and Kueue once a second, with the labels that the stack's monitors give them.
 * @param cadvisor address of a kubelet whose containers' use is scraped too, by whoever may
 */
export const scraping = async (
  builders: readonly BuilderProcess[],
  rules: readonly unknown[],
  cadvisor?: string,
): Promise<PrometheusServer> =>
  PrometheusServer.start({
    config: {
      global: {
        scrape_interval: "1s",
        evaluation_interval: "1s",
        external_labels: { environment: "local" },
      },
      scrape_configs: [
        {
          job_name: BUILDER,
          static_configs: builders.map(({ name, ports }) => ({
            targets: [`127.0.0.1:${ports.metrics}`],
            labels: { namespace: SYSTEM_NAMESPACE, pod: name },
          })),
        },
        {
          job_name: "kueue",
          scheme: "https",
          authorization: { credentials: await scraperToken() },
          tls_config: { insecure_skip_verify: true },
          static_configs: [{ targets: [KUEUE] }],
        },
        ...(cadvisor === undefined
          ? []
          : [
              {
                job_name: "kubelet",
                scheme: "https",
                metrics_path: "/metrics/cadvisor",
                tls_config: { insecure_skip_verify: true },
                static_configs: [{ targets: [cadvisor] }],
              },
            ]),
      ],
    },
    rules,
  });

/** Takes away what scraping needed in the cluster. */
export const stopScraping = (): Promise<string> =>
  kubectl(["delete", "clusterrole,clusterrolebinding", SCRAPER, "--ignore-not-found"]);
