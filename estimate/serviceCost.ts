import { expiryDays } from "../settings/scalars";
import type { Settings } from "../settings/schema";
import type { CostLine } from "./cost";
import { dollars, round } from "./figures";
import { MONTH_DAYS, MONTH_HOURS, PRICES } from "./prices";

/** ecr.api, ecr.dkr, sts and eks-auth. */
const INTERFACE_ENDPOINTS = 4;
/** GB of one function's source or build context: an assumption, most are smaller. */
const CONTEXT_GB = 0.01;
/** Days that a cached layer is kept at SRE-002's cacheTTL, for which `cacheGb` is said. */
const SRE002_CACHE_DAYS = expiryDays("72h");

/** Everything that is neither control plane nor node. */
export function serviceLines(settings: Settings): CostLine[] {
  const { network, knative, cluster, sourceBucket, builderService, imageRepositories, budget } = settings;
  const { buildsPerDay, egressGb, acceleratedGb, imageGb, cacheGb, logGb } = budget.assumptions;
  const own = network.vpcId === undefined;
  const gateways = own ? (network.natGateways === "one" ? 1 : network.zones) : 0;
  const zones = own ? network.zones : (network.privateSubnetIds?.length ?? 0);
  const endpoints = own && network.interfaceEndpoints ? INTERFACE_ENDPOINTS * zones : 0;
  // Without a domain functions are reachable inside the cluster only, and there is no way in to balance.
  const balancer = knative.install && knative.domain !== undefined && knative.loadBalancer !== "none";
  const addresses = balancer && knative.loadBalancer === "internet-facing" ? zones : 0;
  const contextGb = buildsPerDay * sourceBucket.contextDays * CONTEXT_GB;
  const builds = buildsPerDay * MONTH_DAYS;
  const cacheDays = imageRepositories.cacheExpiryDays ?? expiryDays(builderService.kaniko.cacheTTL);
  const keptCacheGb = (cacheGb * cacheDays) / SRE002_CACHE_DAYS;
  const keptLogGb = (logGb * cluster.logRetentionDays) / MONTH_DAYS;

  return [
    {
      id: "nat",
      label: "NAT gateways",
      usd:
        gateways * (PRICES.natHour.usd + PRICES.publicIpv4.usd) * MONTH_HOURS +
        (own ? egressGb * PRICES.natGb.usd : 0),
      assumption: own
        ? `${gateways} × ${dollars(PRICES.natHour.usd)} and a public address at ${dollars(PRICES.publicIpv4.usd)} an hour; ${egressGb} GB at ${dollars(PRICES.natGb.usd)}`
        : "the existing VPC's own",
    },
    {
      id: "endpoints",
      label: "interface endpoints",
      usd: endpoints * PRICES.interfaceEndpoint.usd * MONTH_HOURS,
      assumption: !own
        ? "the existing VPC's own, S3's gateway endpoint among them"
        : endpoints > 0
          ? `${INTERFACE_ENDPOINTS} in ${zones} zones at ${dollars(PRICES.interfaceEndpoint.usd)} an hour; S3's gateway endpoint is free`
          : "none; S3's gateway endpoint is free",
    },
    {
      id: "load-balancer",
      label: "network load balancer",
      usd:
        ((balancer ? PRICES.networkLoadBalancer.usd : 0) + addresses * PRICES.publicIpv4.usd) * MONTH_HOURS,
      assumption: balancer
        ? `${knative.loadBalancer}, ${dollars(PRICES.networkLoadBalancer.usd)} an hour${addresses > 0 ? ` and ${addresses} public addresses` : ""}`
        : "none",
    },
    {
      id: "image-storage",
      label: "ECR, function images",
      usd: imageGb * PRICES.ecr.usd,
      assumption: `${imageGb} GB at ${dollars(PRICES.ecr.usd)} a GB`,
    },
    {
      id: "cache-storage",
      label: "ECR, layer cache",
      usd: builderService.kaniko.cache ? keptCacheGb * PRICES.ecr.usd : 0,
      assumption: builderService.kaniko.cache
        ? `${round(keptCacheGb)} GB, as layers are kept ${cacheDays} days, at ${dollars(PRICES.ecr.usd)} a GB`
        : "kaniko.cache is off",
    },
    {
      id: "source-storage",
      label: "S3, sources and contexts",
      usd: contextGb * PRICES.s3.usd + builds * 2 * (PRICES.s3Put.usd + PRICES.s3Get.usd),
      assumption: `${round(contextGb)} GB at ${dollars(PRICES.s3.usd)}: ${buildsPerDay} builds a day, ${CONTEXT_GB * 1000} MB each, kept ${sourceBucket.contextDays} days; 2 PUT and 2 GET a build`,
    },
    {
      id: "acceleration",
      label: "S3 Transfer Acceleration",
      usd: sourceBucket.accelerate ? acceleratedGb * PRICES.acceleration.usd : 0,
      assumption: sourceBucket.accelerate
        ? `${acceleratedGb} GB from outside the region at ${dollars(PRICES.acceleration.usd)}; inside it nothing is accelerated or charged`
        : "off",
    },
    {
      id: "logs",
      label: "control-plane logs",
      usd: logGb * PRICES.logsIn.usd + keptLogGb * PRICES.logsKept.usd,
      assumption: `${logGb} GB taken in at ${dollars(PRICES.logsIn.usd)}, ${round(keptLogGb)} GB kept (${cluster.logRetentionDays} days) at ${dollars(PRICES.logsKept.usd)}`,
    },
    {
      id: "kms",
      label: "KMS key of the secrets",
      usd: PRICES.kmsKey.usd,
      assumption: "one key that encrypts the cluster's Secrets",
    },
  ];
}
