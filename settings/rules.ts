import { REGISTRY_PLACEHOLDER } from "../contract/imageNames";
import {
  CONTEXT_PREFIX,
  KNATIVE_NAMESPACE,
  KNATIVE_OPERATOR_NAMESPACE,
  KUEUE_NAMESPACE,
  SYSTEM_NAMESPACE,
} from "../contract/names";
import { amount, principalOf, readArn, wholeDays } from "./scalars";
import { compareVersions, KNATIVE_NEEDS, OLDEST_STANDARD_SUPPORT } from "./kubernetesVersion";
import type { Rule } from "./rule";
import { targetRules } from "./targetRules";

const PLATFORM_NAMESPACES: readonly string[] = [
  SYSTEM_NAMESPACE,
  KNATIVE_NAMESPACE,
  KNATIVE_OPERATOR_NAMESPACE,
  KUEUE_NAMESPACE,
];

const requestWithinLimit = (at: string, resource: "cpu" | "memory" | "ephemeral-storage"): Rule => ({
  reads: [`${at}.requests.${resource}`, `${at}.limits.${resource}`],
  wrong: (settings) => {
    const { requests, limits } =
      at === "builderService.resources"
        ? settings.builderService.resources
        : settings.builderService.kaniko.resources;
    const request = (requests as Record<string, string>)[resource] ?? "0";
    const limit = (limits as Record<string, string>)[resource] ?? "0";
    return amount(request) > amount(limit)
      ? `is above the limit of ${limit}; lower the request or raise limits.${resource}`
      : undefined;
  },
});

/** All rules over several settings. */
export const rules: readonly Rule[] = [
  {
    reads: ["builderService.autoscaling.minReplicas", "builderService.autoscaling.maxReplicas"],
    wrong: ({ builderService: { autoscaling } }) => {
      return autoscaling.minReplicas > autoscaling.maxReplicas
        ? `is above maxReplicas (${autoscaling.maxReplicas}); lower it, or raise maxReplicas to ${autoscaling.minReplicas}`
        : undefined;
    },
  },
  requestWithinLimit("builderService.resources", "cpu"),
  requestWithinLimit("builderService.resources", "memory"),
  requestWithinLimit("builderService.kaniko.resources", "cpu"),
  requestWithinLimit("builderService.kaniko.resources", "memory"),
  requestWithinLimit("builderService.kaniko.resources", "ephemeral-storage"),
  {
    reads: ["imageRepositories.cacheExpiryDays", "builderService.kaniko.cacheTTL"],
    wrong: ({ imageRepositories: { cacheExpiryDays }, builderService: { kaniko } }) => {
      const least = wholeDays(kaniko.cacheTTL);
      return cacheExpiryDays !== undefined && cacheExpiryDays < least
        ? `is below cacheTTL (${kaniko.cacheTTL}): layers would go before Kaniko stops asking for them; give ${least} or more`
        : undefined;
    },
  },
  {
    reads: ["builderService.kaniko.cacheRepo", "target"],
    wrong: ({ builderService: { kaniko }, target }) => {
      const [host = "", ...path] = (kaniko.cacheRepo ?? REGISTRY_PLACEHOLDER).split("/");
      // Not compared with the account's host: a preview without AWS knows no account, and would take a literal one for somebody else's.
      return target === "aws" && host !== REGISTRY_PLACEHOLDER
        ? `names ${host}; a build's credential covers the stack's registry alone, so write ${[REGISTRY_PLACEHOLDER, ...path].join("/")}`
        : undefined;
    },
  },
  {
    reads: ["sourceBucket.name", "sourceBucket.accelerate", "target"],
    wrong: ({ sourceBucket: { name, accelerate }, target }) => {
      return target === "aws" && accelerate && name?.includes(".")
        ? "has a dot, with which S3 has no Transfer Acceleration; use '-' instead, or set accelerate to false"
        : undefined;
    },
  },
  {
    reads: ["keepAlive.functions", "keepAlive.allowMany"],
    wrong: ({ keepAlive: { functions, allowMany } }) => {
      return functions.length >= 10 && !allowMany
        ? `names ${functions.length} functions, $${functions.length * 5} a month and more; keep fewer than 10 warm, or set keepAlive.allowMany`
        : undefined;
    },
  },
  {
    reads: ["sources.maxArchive", "sources.maxUnpacked"],
    wrong: ({ sources: { maxArchive, maxUnpacked } }) => {
      return amount(maxArchive) > amount(maxUnpacked)
        ? `is above maxUnpacked (${maxUnpacked}), which an archive of that size would not pass; lower it, or raise maxUnpacked`
        : undefined;
    },
  },
  {
    reads: ["keepAlive.minScale", "keepAlive.maxScale"],
    wrong: ({ keepAlive: { minScale, maxScale } }) => {
      return minScale > maxScale
        ? `is above maxScale (${maxScale}); lower it, or raise maxScale to ${minScale}`
        : undefined;
    },
  },
  {
    reads: ["functions.defaultNamespace", "functions.namespaces"],
    wrong: ({ functions: { defaultNamespace, namespaces } }) => {
      return namespaces.includes(defaultNamespace)
        ? undefined
        : `is not one of functions.namespaces (${namespaces.join(", ")}); add it there`;
    },
  },
  {
    reads: ["functions.namespaces"],
    wrong: ({ functions: { namespaces } }) => {
      const taken = namespaces.filter(
        (name) => name.startsWith("kube-") || PLATFORM_NAMESPACES.includes(name),
      );
      if (taken.length > 0)
        return `has ${taken.join(", ")}, which the platform itself runs in; give functions namespaces of their own`;
      // Sources lie below their namespace's name in the bucket, and build contexts below this one.
      return namespaces.includes(CONTEXT_PREFIX.replace("/", ""))
        ? `has ${CONTEXT_PREFIX.replace("/", "")}, below which the platform's bucket keeps build contexts; take another name`
        : undefined;
    },
  },
  {
    reads: ["network.vpcId", "network.privateSubnetIds"],
    wrong: ({ network: { vpcId, privateSubnetIds } }) => {
      if (vpcId !== undefined && privateSubnetIds === undefined)
        return "is an existing VPC without network.privateSubnetIds; name at least two";
      if (vpcId === undefined && privateSubnetIds !== undefined)
        return "is missing; network.privateSubnetIds belong to an existing VPC";
      return undefined;
    },
  },
  {
    reads: ["network.interfaceEndpoints", "network.vpcId"],
    wrong: ({ network: { vpcId, interfaceEndpoints } }) =>
      interfaceEndpoints && vpcId !== undefined
        ? `makes nothing in ${vpcId}, an existing VPC; set it to false, and have them made with the VPC (ecr.api, ecr.dkr, sts, eks-auth)`
        : undefined,
  },
  {
    reads: ["cluster.version", "target"],
    wrong: ({ cluster: { version }, target }) => {
      return target === "aws" && compareVersions(version, OLDEST_STANDARD_SUPPORT) < 0
        ? `is out of standard support, $0.50 more an hour; give ${OLDEST_STANDARD_SUPPORT} or newer`
        : undefined;
    },
  },
  {
    reads: ["knative.version"],
    wrong: ({ knative: { install, version } }) => {
      return install && KNATIVE_NEEDS[version] === undefined
        ? `is no release that this project installs; give ${Object.keys(KNATIVE_NEEDS).join(" or ")}`
        : undefined;
    },
  },
  {
    reads: ["cluster.version", "knative.version", "target"],
    wrong: ({ cluster: { version }, knative, target }) => {
      const needed = KNATIVE_NEEDS[knative.version];
      return target === "aws" &&
        knative.install &&
        needed !== undefined &&
        compareVersions(version, needed) < 0
        ? `is too old for Knative ${knative.version}; give ${needed} or newer`
        : undefined;
    },
  },
  {
    reads: ["knative.certificateArn", "knative.loadBalancer", "target"],
    wrong: ({ knative, target, region }) => {
      if (
        target === "aws" &&
        knative.loadBalancer === "internet-facing" &&
        knative.certificateArn === undefined
      ) {
        return "is missing; an internet-facing load balancer needs a certificate in ACM";
      }
      const certificateRegion =
        knative.certificateArn === undefined ? undefined : readArn(knative.certificateArn)?.region;
      return certificateRegion !== undefined && region !== undefined && certificateRegion !== region
        ? `is in ${certificateRegion}; a load balancer takes a certificate of its own region, ${region}`
        : undefined;
    },
  },
  {
    reads: ["knative.domain", "knative.loadBalancer", "knative.certificateArn", "target"],
    wrong: ({ knative, target }) => {
      const needs =
        knative.loadBalancer === "internet-facing" ? "an internet-facing load balancer" : "a certificate";
      return target === "aws" &&
        knative.domain === undefined &&
        (knative.loadBalancer === "internet-facing" || knative.certificateArn !== undefined)
        ? `is missing; without one functions are reachable inside the cluster only, and ${needs} has no effect`
        : undefined;
    },
  },
  {
    reads: ["cluster.name", "target"],
    wrong: ({ cluster: { name }, target }) =>
      target === "aws" && name !== undefined && name.length > 48
        ? `has ${name.length} characters; names of IAM roles are made of it, which leaves 48`
        : undefined,
  },
  {
    reads: ["knative.loadBalancer", "network.vpcId", "network.publicSubnetIds"],
    wrong: ({ knative, network }) => {
      return knative.loadBalancer === "internet-facing" &&
        network.vpcId !== undefined &&
        network.publicSubnetIds === undefined
        ? "is internet-facing in a VPC without network.publicSubnetIds; name them, or make it internal"
        : undefined;
    },
  },
  {
    reads: ["budget.emails", "budget.monthlyUsd", "target"],
    wrong: ({ budget: { monthlyUsd, emails }, target }) =>
      target === "aws" && emails.length > 0 && monthlyUsd === undefined
        ? "is who is told of a budget, and there is none; set budget.monthlyUsd"
        : undefined,
  },
  {
    reads: ["budget.activateCostAllocationTag", "budget.emails"],
    wrong: ({ budget: { activateCostAllocationTag, emails } }) =>
      activateCostAllocationTag && emails.length === 0
        ? "has no effect without a budget in AWS; name budget.emails"
        : undefined,
  },
  {
    reads: ["cluster.accessEntries"],
    wrong: ({ cluster: { accessEntries } }) => {
      const names = accessEntries.map(({ principalArn }) => principalArn);
      const twice = names.find((name, index) => names.indexOf(name) !== index);
      return twice === undefined ? undefined : `names ${twice} twice; EKS has one entry for a principal`;
    },
  },
  {
    // Not whoever runs the program now: that is the creator once, and a role of CI's with an entry ever after.
    reads: ["cluster.accessEntries", "cluster.creatorArn"],
    wrong: ({ cluster: { accessEntries, creatorArn } }) => {
      const creator = creatorArn === undefined ? undefined : principalOf(creatorArn);
      const own = accessEntries.find(
        ({ principalArn }) =>
          creator !== undefined && JSON.stringify(principalOf(principalArn)) === JSON.stringify(creator),
      );
      return own === undefined
        ? undefined
        : `names ${own.principalArn}, which makes the cluster (cluster.creatorArn) and gets its entry from EKS; remove it here`;
    },
  },
  ...targetRules,
];
