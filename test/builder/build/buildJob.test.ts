import assert from "node:assert/strict";
import { jobName } from "../../../builder/build/jobName";
import { LABELS } from "../../../contract/labels";
import { job, RECORD, SETTINGS } from "./support/job";

function podOf(made = job()) {
  const spec = made.spec?.template.spec;
  assert.ok(spec);
  return spec;
}
function kaniko() {
  const [container, ...others] = podOf().containers;
  assert.ok(container);
  assert.equal(others.length, 0);
  return container;
}
function context() {
  const [container, ...others] = podOf().initContainers ?? [];
  assert.ok(container);
  assert.equal(others.length, 0);
  return container;
}
const specOf = (made = job()) => {
  assert.ok(made.spec);
  return made.spec;
};

describe("a build's Job", () => {
  it("waits for the queue of its function's namespace", () => {
    const { metadata } = job();
    assert.equal(specOf().suspend, true);
    assert.equal(metadata.labels?.["kueue.x-k8s.io/queue-name"], "team");
    assert.equal(metadata.namespace, "knative-lambda");
    assert.equal(metadata.name, jobName(RECORD, RECORD.buildHash, 1));
  });
  it("is found by its function, as its pod is", () => {
    const { metadata } = job();
    const spec = specOf();
    const own = { [LABELS.build]: "true", [LABELS.function]: "parser-1", [LABELS.functionNamespace]: "team" };
    for (const labels of [
      metadata.labels,
      (spec.template.metadata as { labels?: Record<string, string> } | undefined)?.labels,
    ])
      for (const [name, value] of Object.entries(own)) assert.equal(labels?.[name], value);
  });
  it("has one attempt and a deadline, and loses neither to a node that goes", () => {
    const spec = specOf();
    assert.deepEqual(
      [spec.backoffLimit, spec.completions, spec.parallelism, spec.activeDeadlineSeconds],
      [0, 1, 1, 900],
    );
    assert.deepEqual(spec.podFailurePolicy?.rules, [
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
    ]);
    assert.equal(spec.podReplacementPolicy, "Failed");
    assert.equal(spec.ttlSecondsAfterFinished, undefined, "its log and record are read first");
    assert.equal(podOf().restartPolicy, "Never");
    const annotations = (spec.template.metadata as { annotations?: Record<string, string> } | undefined)
      ?.annotations;
    assert.equal(annotations?.["karpenter.sh/do-not-disrupt"], "true");
  });

  it("gives its pod no identity: no token, no host, no other's processes", () => {
    const spec = podOf();
    assert.equal(spec.automountServiceAccountToken, false);
    assert.equal(spec.serviceAccountName, "kaniko-build");
    assert.equal(spec.enableServiceLinks, false);
    for (const shared of [spec.hostNetwork, spec.hostPID, spec.hostIPC, spec.shareProcessNamespace])
      assert.equal(shared, false);
    assert.ok(
      spec.volumes?.every(({ emptyDir }) => emptyDir !== undefined),
      "no Secret, ConfigMap, projected or host path",
    );
  });
  it("tells the one-build token to the container that runs nothing of the user's, and to no other", () => {
    assert.ok(
      context().env?.some(({ name, value }) => name === "BUILD_TOKEN" && value === "one-build-token"),
    );
    const { initContainers, ...rest } = podOf();
    assert.equal(initContainers?.length, 1);
    assert.doesNotMatch(JSON.stringify(rest), /one-build-token/);
    assert.doesNotMatch(JSON.stringify(job().metadata), /one-build-token/);
    assert.doesNotMatch(JSON.stringify(kaniko()), /CONTEXT_URL|8082/);
  });
  it("fetches its context as nobody, on a read-only root", () => {
    assert.deepEqual(context().securityContext, {
      runAsNonRoot: true,
      runAsUser: 65532,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
    });
  });
  it("runs Kaniko as root without a privilege that Pod Security's baseline forbids", () => {
    const security = kaniko().securityContext;
    // https://kubernetes.io/docs/concepts/security/pod-security-standards/#baseline
    const baseline = new Set([
      "AUDIT_WRITE",
      "CHOWN",
      "DAC_OVERRIDE",
      "FOWNER",
      "FSETID",
      "KILL",
      "MKNOD",
      "NET_BIND_SERVICE",
      "SETFCAP",
      "SETGID",
      "SETPCAP",
      "SETUID",
      "SYS_CHROOT",
    ]);
    assert.ok(security?.capabilities?.add);
    assert.deepEqual(security.capabilities.drop, ["ALL"]);
    for (const capability of security.capabilities.add) assert.ok(baseline.has(capability), capability);
    assert.ok(!security.capabilities.add.includes("NET_RAW"));
    assert.equal(security.privileged, false);
    assert.equal(security.allowPrivilegeEscalation, false);
    assert.equal(podOf().securityContext?.seccompProfile?.type, "RuntimeDefault");
  });
  it("mounts the context where no Dockerfile works, and credentials in memory", () => {
    assert.deepEqual(
      kaniko().volumeMounts?.map(({ mountPath }) => mountPath),
      ["/kaniko/buildcontext", "/kaniko/.docker"],
    );
    assert.equal(podOf().volumes?.find(({ name }) => name === "credentials")?.emptyDir?.medium, "Memory");
  });
  it("has what the settings give it, and a pod that asks for no more", () => {
    assert.deepEqual(kaniko().resources, { requests: SETTINGS.requests, limits: SETTINGS.limits });
    assert.deepEqual(context().resources?.requests, {
      cpu: "50m",
      memory: "64Mi",
      "ephemeral-storage": "64Mi",
    });
    assert.deepEqual(kaniko().args, ["--cache=true"]);
    assert.deepEqual(kaniko().env, [{ name: "FF_KANIKO_X", value: "true" }]);
    assert.equal(kaniko().name, "kaniko");
    assert.equal(podOf().priorityClassName, "knative-lambda-build");
  });
  it("runs on nodes of its architecture, and on those for builds where there are some", () => {
    assert.deepEqual(podOf().nodeSelector, { "kubernetes.io/os": "linux", "kubernetes.io/arch": "arm64" });
    assert.deepEqual(podOf().tolerations, []);
    const placed = podOf(job({ nodeKey: "knative-lambda.io/builds", platform: "linux/amd64" }));
    assert.deepEqual(placed.nodeSelector, {
      "kubernetes.io/os": "linux",
      "kubernetes.io/arch": "amd64",
      "knative-lambda.io/builds": "true",
    });
    assert.deepEqual(placed.tolerations, [
      { key: "knative-lambda.io/builds", operator: "Equal", value: "true", effect: "NoSchedule" },
    ]);
  });
  it("says how it ended where nobody can read its log any more", () => {
    assert.equal(kaniko().terminationMessagePath, "/dev/termination-log");
    assert.equal(kaniko().terminationMessagePolicy, "FallbackToLogsOnError");
  });
});
