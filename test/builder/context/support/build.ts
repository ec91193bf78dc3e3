import { type BuildRecord, buildLabels, writeRecord } from "../../../../builder/build/buildRecord";
import type { TokenClaims } from "../../../../builder/context/token";
import type { Job, Pod } from "../../../../builder/kubernetes/resources";

export const IP = "10.0.0.7";

export const claims: TokenClaims = {
  job: "build-f-0123456789",
  namespace: "team-a",
  context: "c".repeat(64),
};

export const record = (contextHash = claims.context): BuildRecord => ({
  namespace: "team-a",
  name: "f",
  uid: "function",
  generation: 1,
  attempt: 1,
  buildHash: "b".repeat(64),
  contextHash,
  image: "registry.example.com/functions/team-a:x",
  templateVersion: 1,
  ownDockerfile: false,
  cache: true,
  kanikoImage: "kaniko:v1",
  cacheable: [],
});

export const job = (status: Job["status"] = {}, contextHash = claims.context): Job => ({
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: {
    namespace: "knative-lambda",
    name: claims.job,
    uid: "job",
    labels: buildLabels(record()),
    annotations: writeRecord(record(contextHash)),
  },
  status,
});

export const buildPod = (status: Pod["status"] = {}): Pod => ({
  metadata: {
    namespace: "knative-lambda",
    name: `${claims.job}-x`,
    ownerReferences: [
      { apiVersion: "batch/v1", kind: "Job", name: claims.job, uid: "job", controller: true },
    ],
  },
  status: { phase: "Pending", podIP: IP, ...status },
});
