import { buildJob, type BuildJobInput, type BuildJobSettings } from "../../../../builder/build/buildJob";
import type { BuildRecord } from "../../../../builder/build/buildRecord";

export const RECORD: BuildRecord = {
  namespace: "team",
  name: "parser-1",
  uid: "0b6f",
  generation: 3,
  attempt: 1,
  buildHash: "a".repeat(64),
  contextHash: "b".repeat(64),
  image: "registry.example.com/functions/team:build-a",
  templateVersion: 1,
  ownDockerfile: false,
  cache: true,
  kanikoImage: "registry.example.com/kaniko:v1.25.5",
  cacheable: [{ name: "RUN", text: "RUN make", stage: 0 }],
  correlationId: 'id "quoted"',
};
export const SETTINGS: BuildJobSettings = {
  namespace: "knative-lambda",
  serviceAccount: "kaniko-build",
  priorityClass: "knative-lambda-build",
  kanikoImage: RECORD.kanikoImage,
  builderImage: "registry.example.com/builder:1",
  contextUrl: "http://builder.system.svc:8082",
  platform: "linux/arm64",
  requests: { cpu: "1", memory: "2Gi", "ephemeral-storage": "10Gi" },
  limits: { cpu: "2", memory: "4Gi", "ephemeral-storage": "20Gi" },
  nodeKey: undefined,
};
export const job = (settings: Partial<BuildJobSettings> = {}, input: Partial<BuildJobInput> = {}) =>
  buildJob(
    { ...SETTINGS, ...settings },
    {
      record: RECORD,
      kaniko: { args: ["--cache=true"], env: { FF_KANIKO_X: "true" } },
      timeoutSeconds: 900,
      token: "one-build-token",
      ...input,
    },
  );
