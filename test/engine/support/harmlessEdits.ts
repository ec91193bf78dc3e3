/** Edits of production's stack file that change something and break nothing. */
export const harmlessEdits: readonly (readonly [key: string, value: string])[] = [
  ["builderService.kanikoJobLimit", "80"],
  ["builderService.autoscaling.targetCPU", "60"],
  ["builderService.autoscaling.maxReplicas", "12"],
  ["builderService.resources.limits.memory", "6Gi"],
  ["builderService.logLevel", "debug"],
  ["builderService.eventSenders[0]", "default"],
  ["builderService.kaniko.cacheTTL", "48h"],
  ["builderService.kaniko.timeout", "45m"],
  ["builderService.kaniko.retries", "5"],
  ["builderService.kaniko.snapshotMode", "full"],
  ["builderService.kaniko.resources.limits.memory", "6Gi"],
  ["buildNodes.disk", "300Gi"],
  ["buildNodes.consolidateAfter", "10m"],
  ["buildNodes.limits.cpu", "160"],
  ["cluster.logRetentionDays", "90"],
  ["cluster.publicAccessCidrs[0]", "203.0.113.0/24"],
  ["imageRepositories.retentionDays", "120"],
  ["keepAlive.functions[0]", "parser"],
  ["knative.replicas", "3"],
  ["monitoring.retention", "240h"],
  ["network.natGateways", "one"],
  ["network.interfaceEndpoints", "false"],
  ["sourceBucket.accelerate", "false"],
  ["sourceBucket.noncurrentDays", "60"],
  ["sources.packageIndexes[0]", "*.example.com"],
];

/**
 * The README's usual tweaks, each by what its first column says somebody wants, as edits of production's stack file. None is in another's
 * way: one stack may have them all.
 */
export const recipes: Readonly<Record<string, readonly (readonly [key: string, value: string])[]>> = {
  "faster builds": [["builderService.kaniko.resources.requests.cpu", "2000m"]],
  "builds that run out of memory": [
    ["builderService.kaniko.resources.limits.memory", "6Gi"],
    ["builderService.kaniko.compressedCaching", "false"],
  ],
  "more builds at once": [
    ["builderService.kanikoJobLimit", "150"],
    ["buildNodes.limits.cpu", "204"],
    ["buildNodes.limits.memory", "720Gi"],
    ["quotas.spotVcpus", "384"],
  ],
  "no wait for a node": [["buildNodes.consolidateAfter", "30m"]],
  "cheaper builds": [
    ["buildNodes.capacityType", "spot"],
    ["platform.architecture", "arm64"],
  ],
  "a longer cache": [["builderService.kaniko.cacheTTL", "168h"]],
  "a function without cold starts": [["keepAlive.functions[0]", "parser-1"]],
  "uploads from far away": [["sourceBucket.accelerate", "true"]],
  "fewer cold starts for all": [["knative.scaleToZeroRetention", "10m"]],
  "a smaller bill in dev": [
    ["network.zones", "2"],
    ["network.natGateways", "one"],
  ],
};
