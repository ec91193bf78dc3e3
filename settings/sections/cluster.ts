import { z } from "zod";
import { callerArn, cidr, dnsLabel, minorVersion, principalArn } from "../scalars";

/** Days that CloudWatch Logs takes as a retention (its API refuses any other). */
const LOG_RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** The EKS cluster, or how to reach one that exists. */
export const cluster = z
  .strictObject({
    name: dnsLabel().optional().describe("Absent: `knative-lambda-<stack>`."),
    version: minorVersion("1.36")
      .prefault("1.36")
      .describe(
        "Kubernetes version. Extended support costs $0.50 more an hour, so a version in standard support is asked for.",
      ),
    publicAccessCidrs: z
      .array(cidr())
      .prefault([])
      .describe(
        "Blocks from which the API endpoint answers on the internet. Empty: it is private, and `pulumi up` must run inside the VPC.",
      ),
    creatorArn: callerArn()
      .optional()
      .describe(
        "Who made the cluster, or will: what `aws sts get-caller-identity` answers where the first `pulumi up` runs. EKS gives that principal an entry of its own and refuses another, so it must not be one of `accessEntries`. Absent: that is not looked at.",
      ),
    accessEntries: z
      .array(
        z.strictObject({
          principalArn: principalArn().describe(
            "IAM role or user, whoever runs `pulumi up` later among them. Not the one that made the cluster (`creatorArn`): EKS makes that one's entry itself.",
          ),
          policy: z
            .enum(["cluster-admin", "admin", "edit", "admin-view", "view"])
            .describe(
              "EKS access policy. `admin-view` reads everything, Secrets too: what a preview and the nightly look for drift need. `view` reads no Secret, no custom resource and no definition of one, so it refreshes no stack.",
            ),
          namespaces: z
            .array(dnsLabel())
            .optional()
            .describe("Namespaces to which the policy is limited. Absent: the cluster."),
        }),
      )
      .prefault([])
      .describe("Who may use the Kubernetes API."),
    logRetentionDays: z
      .literal(LOG_RETENTION_DAYS)
      .prefault(30)
      .describe(
        "Days that control-plane logs are kept. $0.50 per GB taken in and $0.03 per GB and month kept.",
      ),
    context: z
      .string()
      .min(1)
      .optional()
      .describe("`target: cluster` only: context of the kubeconfig. Absent: the current one."),
    metricsServer: z
      .boolean()
      .prefault(true)
      .describe("Install metrics-server, without which no HPA scales. `false` where the cluster has it."),
  })
  .prefault({});
