import assert from "node:assert/strict";
import type { Recorded } from "../../support/record";
import { deploymentOf, podOf, recordBuilder } from "./fixture";

const dataOf = (recorded: Recorded) =>
  recorded.one("kubernetes:core/v1:ConfigMap").inputs["data"] as Record<string, string>;

describe("the builder's Deployment", () => {
  describe("pods", () => {
    it("run as nobody, without rights, on a root that can't be written", async () => {
      const pod = podOf(await recordBuilder());
      assert.deepEqual(pod.securityContext, {
        runAsNonRoot: true,
        runAsUser: 65532,
        runAsGroup: 65532,
        fsGroup: 65532,
        seccompProfile: { type: "RuntimeDefault" },
      });
      assert.equal(pod.containers.length, 1);
      assert.deepEqual(pod.containers[0].securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
    });

    it("have one place to write, as large as four sources with their archives", async () => {
      const pod = podOf(await recordBuilder({ sources: { maxArchive: "100Mi", maxUnpacked: "1Gi" } }));
      assert.deepEqual(pod.volumes, [{ name: "tmp", emptyDir: { sizeLimit: "4496Mi" } }]);
      assert.deepEqual(pod.containers[0].volumeMounts, [{ name: "tmp", mountPath: "/tmp" }]);
    });

    it("get the resources of the settings, in the API server's form", async () => {
      const resources = (values: object) =>
        recordBuilder({ builderService: { resources: values } }).then(
          (recorded) => podOf(recorded).containers[0].resources,
        );
      assert.deepEqual(await resources({}), {
        requests: { cpu: "1", memory: "2Gi" },
        limits: { cpu: "2", memory: "4Gi" },
      });
      assert.deepEqual(
        await resources({
          requests: { cpu: "250m", memory: "512Mi" },
          limits: { cpu: "500m", memory: "1Gi" },
        }),
        { requests: { cpu: "250m", memory: "512Mi" }, limits: { cpu: "500m", memory: "1Gi" } },
      );
    });

    it("are spread over zones and hosts, yet start where only one is left", async () => {
      const { topologySpreadConstraints } = podOf(await recordBuilder());
      assert.deepEqual(
        topologySpreadConstraints.map(({ topologyKey, whenUnsatisfiable }) => [
          topologyKey,
          whenUnsatisfiable,
        ]),
        [
          ["topology.kubernetes.io/zone", "ScheduleAnyway"],
          ["kubernetes.io/hostname", "ScheduleAnyway"],
        ],
      );
    });

    it("run on nodes of their image's architecture, ahead of functions and builds", async () => {
      const pod = podOf(await recordBuilder({ platform: { architecture: "arm64" } }));
      assert.deepEqual(pod.nodeSelector, { "kubernetes.io/arch": "arm64" });
      assert.equal(pod.priorityClassName, "knative-lambda-builder");
    });

    it("are asked at the metrics port, and drained before they are ended", async () => {
      const pod = podOf(await recordBuilder());
      const [{ startupProbe, livenessProbe, readinessProbe, lifecycle }] = pod.containers;
      assert.deepEqual(
        [startupProbe, livenessProbe, readinessProbe].map((probe) => (probe as { httpGet: object }).httpGet),
        [
          { path: "/livez", port: "metrics" },
          { path: "/livez", port: "metrics" },
          { path: "/readyz", port: "metrics" },
        ],
      );
      assert.deepEqual(lifecycle, { preStop: { sleep: { seconds: 5 } } });
      assert.equal(pod.terminationGracePeriodSeconds, 60);
    });

    it("are replaced only once a new one is Ready", async () => {
      assert.deepEqual(deploymentOf(await recordBuilder()).strategy, {
        type: "RollingUpdate",
        rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
      });
    });
  });

  describe("environment", () => {
    it("comes whole from one ConfigMap, and the replica's name from the pod", async () => {
      const [{ env, envFrom }] = podOf(await recordBuilder()).containers;
      assert.deepEqual(envFrom, [{ configMapRef: { name: "knative-lambda-builder" } }]);
      assert.deepEqual(env, [{ name: "POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }]);
    });

    it("takes an S3-compatible store's keys from its Secret, and no other key of it", async () => {
      const [{ env }] = podOf(await recordBuilder({}, { credentialsSecret: "store" })).containers;
      assert.deepEqual(env.slice(1), [
        {
          name: "AWS_ACCESS_KEY_ID",
          valueFrom: { secretKeyRef: { name: "store", key: "AWS_ACCESS_KEY_ID" } },
        },
        {
          name: "AWS_SECRET_ACCESS_KEY",
          valueFrom: { secretKeyRef: { name: "store", key: "AWS_SECRET_ACCESS_KEY" } },
        },
      ]);
    });

    it("rolls the pods when a setting of Kaniko changes, and only then", async () => {
      const recordedWith = (memory: string) =>
        recordBuilder({ builderService: { kaniko: { resources: { limits: { memory } } } } });
      const before = await recordedWith("4Gi");
      const same = await recordedWith("4096Mi");
      const after = await recordedWith("6Gi");
      const annotations = (recorded: Recorded) => deploymentOf(recorded).template.metadata.annotations;
      assert.match(annotations(before)["checksum/environment"] ?? "", /^[0-9a-f]{64}$/);
      assert.deepEqual(annotations(same), annotations(before));
      assert.notDeepEqual(annotations(after), annotations(before));
      assert.equal(dataOf(after)["KANIKO_LIMITS_MEMORY"], "6Gi");
      const changed = after.registrations
        .filter(({ urn, inputs }) => {
          const was = before.registrations.find((one) => one.urn === urn);
          return JSON.stringify(was?.inputs) !== JSON.stringify(inputs);
        })
        .map(({ name }) => name);
      assert.deepEqual(changed.sort(), ["builder-deployment", "builder-environment"]);
    });

    it("holds no secret, and the token's key is left to the builder", async () => {
      const recorded = await recordBuilder({}, { credentialsSecret: "store" });
      assert.equal(
        Object.keys(dataOf(recorded)).some((name) => /KEY_ID|ACCESS_KEY|PASSWORD|TOKEN/.test(name)),
        false,
      );
      const { inputs } = recorded.one("kubernetes:core/v1:Secret");
      assert.deepEqual(Object.keys(inputs).sort(), ["apiVersion", "kind", "metadata", "type"]);
    });
  });
});
