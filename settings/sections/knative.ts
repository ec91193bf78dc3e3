import { z } from "zod";
import { certificateArn, domainName, duration, minorVersion } from "../scalars";

/** Knative Serving and its way in. */
export const knative = z
  .strictObject({
    install: z
      .boolean()
      .prefault(true)
      .describe("Install Knative Serving by its operator. `false` where the cluster has it."),
    version: minorVersion("1.23")
      .prefault("1.23")
      .describe("Knative Serving's release. 1.23 needs Kubernetes 1.34."),
    replicas: z
      .int()
      .min(1)
      .max(10)
      .prefault(2)
      .describe("Replicas of the activator, autoscaler, controller, webhook and gateway."),
    domain: domainName()
      .optional()
      .describe("Domain of the functions' URLs. Absent: they are reachable inside the cluster only."),
    loadBalancer: z
      .enum(["none", "internal", "internet-facing"])
      .prefault("internal")
      .describe(
        "The Network Load Balancer in front of the gateway, about $17 a month and traffic; made only where there is a `domain`. `none`: no way in from outside the cluster.",
      ),
    certificateArn: certificateArn()
      .optional()
      .describe(
        "Certificate in ACM for TLS at the load balancer. Needed by an internet-facing one. It must name `*.<namespace>.<domain>` for each namespace of functions: a wildcard stands for one label.",
      ),
    scaleToZeroGracePeriod: duration("30s", 6)
      .prefault("30s")
      .describe(
        "Longest wait for the activator to take over before the last pod goes. No keep-alive: see `scaleToZeroRetention`.",
      ),
    scaleToZeroRetention: duration("5m", 0)
      .prefault("30s")
      .describe(
        "How long the last pod of a function is kept after its last request, where its `scaling.scaleToZeroGracePeriod` says nothing. Fewer cold starts, for the pod's resources in that time.",
      ),
    targetBurstCapacity: z
      .int()
      .min(-1)
      .prefault(211)
      .describe("Requests that a burst may add before the activator buffers. -1: it is always in the path."),
  })
  .prefault({});
