import { Builder, type BuilderArgs, environmentOf, scratchSpace } from "../../../components/builder";
import { imageNames } from "../../../contract/imageNames";
import type { Settings } from "../../../settings";
import { record, type Recorded } from "../../support/record";
import { settingsOf } from "../../support/settings";

export const REGISTRY = "123456789012.dkr.ecr.us-west-2.amazonaws.com";

/** The environment on AWS that follows from settings. */
export const environmentFor = (
  settings: Settings,
  changes: { accelerateEndpoint?: string | undefined } = {},
) =>
  environmentOf({
    settings,
    names: imageNames({
      registry: REGISTRY,
      cacheRepo: settings.builderService.kaniko.cacheRepo,
      functions: settings.imageRepositories.functions,
      builder: settings.imageRepositories.builder,
      baseImagePath: "ecr-public/docker/library",
      baseImages: settings.imageRepositories.baseImages,
    }),
    builderImage: `${REGISTRY}/knative-lambda-builder:1.0.0`,
    bucket: {
      name: "sources",
      region: "us-west-2",
      endpoint: "",
      accelerateEndpoint: "sources.s3-accelerate.amazonaws.com",
      ...changes,
    },
    registryRoleArn: "arn:aws:iam::123456789012:role/registry-access",
    buildNodes: true,
  });

/** A builder as a stack on AWS makes it from settings. */
export function builderArgs(
  values: Record<string, unknown> = {},
  changes: Partial<BuilderArgs> = {},
): BuilderArgs {
  const settings = settingsOf(values);
  const { builderService } = settings;
  return {
    image: `${REGISTRY}/knative-lambda-builder:1.0.0`,
    replicas: builderService.replicas,
    autoscaling: builderService.autoscaling,
    resources: builderService.resources,
    architecture: settings.platform.architecture,
    environment: environmentFor(settings),
    scratchSpace: scratchSpace(settings.sources),
    functionNamespaces: settings.functions.namespaces,
    buildNamespace: "knative-lambda",
    eventSenders: builderService.eventSenders,
    network: {
      podIdentity: true,
      apiServerPort: 443,
      services: [{ address: REGISTRY }],
      internalSources: false,
    },
    monitoring: { namespace: "monitoring", release: "kube-prometheus-stack" },
    protect: true,
    ...changes,
  };
}

export const recordBuilder = (
  values: Record<string, unknown> = {},
  changes: Partial<BuilderArgs> = {},
): Promise<Recorded> => record(() => new Builder("builder", builderArgs(values, changes)));

export const DEPLOYMENT = "kubernetes:apps/v1:Deployment";

export interface Pod {
  automountServiceAccountToken: boolean;
  nodeSelector: object;
  priorityClassName: string;
  securityContext: object;
  terminationGracePeriodSeconds: number;
  topologySpreadConstraints: { topologyKey: string; whenUnsatisfiable: string }[];
  volumes: object[];
  containers: [
    {
      image: string;
      env: { name: string; valueFrom: object }[];
      envFrom: object[];
      lifecycle: object;
      ports: object[];
      resources: object;
      securityContext: object;
      volumeMounts: object[];
      startupProbe: object;
      livenessProbe: object;
      readinessProbe: object;
    },
  ];
}

export interface Deployment {
  replicas?: number;
  selector: object;
  strategy: object;
  template: { metadata: { labels: object; annotations: Record<string, string> }; spec: Pod };
}

export const specOf = (recorded: Recorded, type: string): Record<string, unknown> =>
  recorded.one(type).inputs["spec"] as Record<string, unknown>;
export const deploymentOf = (recorded: Recorded) => specOf(recorded, DEPLOYMENT) as unknown as Deployment;
export const podOf = (recorded: Recorded) => deploymentOf(recorded).template.spec;
