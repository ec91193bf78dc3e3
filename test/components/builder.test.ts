import assert from "node:assert/strict";
import { DEPLOYMENT, deploymentOf, podOf, recordBuilder, specOf } from "./builder/fixture";

const HPA = "kubernetes:autoscaling/v2:HorizontalPodAutoscaler";
const PDB = "kubernetes:policy/v1:PodDisruptionBudget";
const CRD = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";

describe("Builder", () => {
  it("makes exactly what the service needs", async () => {
    assert.deepEqual((await recordBuilder()).list().split("\n"), [
      "knative-lambda:kubernetes:Builder builder",
      "knative-lambda:kubernetes:BuilderAccess builder-access",
      `${CRD} builder-functions`,
      `${DEPLOYMENT} builder-deployment`,
      `${HPA} builder-autoscaler`,
      "kubernetes:core/v1:ConfigMap builder-environment",
      "kubernetes:core/v1:Namespace builder-namespace",
      "kubernetes:core/v1:Secret builder-build-token",
      "kubernetes:core/v1:Service builder-service",
      "kubernetes:core/v1:ServiceAccount builder-access-service-account",
      "kubernetes:core/v1:ServiceAccount builder-access-trigger",
      "kubernetes:monitoring.coreos.com/v1:ServiceMonitor builder-monitor",
      "kubernetes:networking.k8s.io/v1:NetworkPolicy builder-network-policy",
      `${PDB} builder-disruption-budget`,
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole builder-access-cluster",
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole builder-access-edit",
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole builder-access-function-namespace",
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole builder-access-view",
      "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding builder-access-cluster-binding",
      "kubernetes:rbac.authorization.k8s.io/v1:Role builder-access-builds",
      "kubernetes:rbac.authorization.k8s.io/v1:Role builder-access-system",
      "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding builder-access-builds-binding",
      "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding builder-access-knative-lambda-secrets",
      "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding builder-access-knative-lambda-trigger",
      "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding builder-access-system-binding",
    ]);
  });

  it("gives every object a name of its own and the platform's labels", async () => {
    for (const { inputs, type, custom } of (await recordBuilder()).registrations.filter(
      (one) => one.custom,
    )) {
      const { name, labels } = inputs["metadata"] as { name?: string; labels: Record<string, string> };
      assert.ok(custom && name !== undefined, `${type} has no name`);
      assert.equal(labels["app.kubernetes.io/component"], "builder", `${type} ${name}`);
      assert.equal(labels["app.kubernetes.io/name"], "knative-lambda", `${type} ${name}`);
    }
  });

  describe("replicas", () => {
    it("are the HPA's alone where one scales", async () => {
      const recorded = await recordBuilder();
      assert.equal("replicas" in deploymentOf(recorded), false);
      assert.deepEqual(specOf(recorded, HPA), {
        scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "knative-lambda-builder" },
        minReplicas: 2,
        maxReplicas: 10,
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 70 } },
          },
        ],
      });
    });

    it("are the setting's without an HPA", async () => {
      const recorded = await recordBuilder({
        builderService: { replicas: 3, autoscaling: { enabled: false } },
      });
      assert.equal(deploymentOf(recorded).replicas, 3);
      assert.deepEqual(recorded.all(HPA), []);
    });

    it("follow the settings of the HPA", async () => {
      const recorded = await recordBuilder({
        builderService: { autoscaling: { minReplicas: 3, maxReplicas: 5, targetCPU: 50 } },
      });
      const { minReplicas, maxReplicas, metrics } = specOf(recorded, HPA);
      assert.deepEqual([minReplicas, maxReplicas], [3, 5]);
      assert.match(JSON.stringify(metrics), /"averageUtilization":50/);
    });

    it("may be drained one at a time wherever there may be more than one, and no budget holds a single one", async () => {
      const budget = async (builderService: object) =>
        (await recordBuilder({ builderService })).all(PDB).map(({ inputs }) => inputs["spec"]);
      const expected = {
        maxUnavailable: 1,
        selector: {
          matchLabels: {
            "app.kubernetes.io/name": "knative-lambda",
            "app.kubernetes.io/component": "builder",
          },
        },
        unhealthyPodEvictionPolicy: "AlwaysAllow",
      };
      assert.deepEqual(await budget({}), [expected]);
      assert.deepEqual(await budget({ replicas: 2, autoscaling: { enabled: false } }), [expected]);
      assert.deepEqual(await budget({ replicas: 1, autoscaling: { enabled: false } }), []);
      assert.deepEqual(await budget({ replicas: 3, autoscaling: { minReplicas: 1, maxReplicas: 1 } }), []);
    });
  });

  describe("functions' definition", () => {
    it("can't be deleted and stays when it leaves the program, where the stack protects", async () => {
      const { protect, retainOnDelete } = (await recordBuilder()).one(CRD);
      assert.deepEqual({ protect, retainOnDelete }, { protect: true, retainOnDelete: true });
    });

    it("goes with the stack where it doesn't", async () => {
      const recorded = await recordBuilder({}, { protect: false });
      const { protect, retainOnDelete } = recorded.one(CRD);
      assert.deepEqual({ protect, retainOnDelete }, { protect: false, retainOnDelete: false });
      assert.deepEqual(
        recorded.registrations.filter((one) => one.protect || one.retainOnDelete),
        [],
      );
    });

    it("protects nothing else", async () => {
      const recorded = await recordBuilder();
      assert.deepEqual(
        recorded.registrations.filter(({ protect }) => protect).map(({ type }) => type),
        [CRD],
      );
    });

    it("is there before the builder and leaves after it, as do its rights", async () => {
      const recorded = await recordBuilder();
      const { dependencies } = recorded.one(DEPLOYMENT);
      const waitsFor = (type: string, name: string) => {
        assert.ok(dependencies.includes(recorded.one(type, name).urn), `waits for ${name}`);
      };
      waitsFor(CRD, "builder-functions");
      waitsFor(
        "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding",
        "builder-access-cluster-binding",
      );
      waitsFor("kubernetes:rbac.authorization.k8s.io/v1:RoleBinding", "builder-access-builds-binding");
      waitsFor("kubernetes:networking.k8s.io/v1:NetworkPolicy", "builder-network-policy");
    });
  });

  it("refuses pods below `restricted` in its namespace", async () => {
    const { inputs } = (await recordBuilder()).one("kubernetes:core/v1:Namespace");
    const { name, labels } = inputs["metadata"] as { name: string; labels: Record<string, string> };
    assert.equal(name, "knative-lambda-system");
    assert.equal(labels["pod-security.kubernetes.io/enforce"], "restricted");
  });

  it("answers at the ports of its containers, inside the cluster only", async () => {
    const recorded = await recordBuilder();
    const spec = specOf(recorded, "kubernetes:core/v1:Service") as {
      type?: string;
      ports: { name: string; port: number; targetPort: string }[];
    };
    assert.equal("type" in spec, false);
    assert.deepEqual(
      spec.ports.map(({ name, port, targetPort }) => [name, port, targetPort]),
      [
        ["http", 8080, "http"],
        ["broker", 8081, "broker"],
        ["context", 8082, "context"],
        ["metrics", 9090, "metrics"],
      ],
    );
    assert.deepEqual(podOf(recorded).containers[0].ports, [
      { name: "http", containerPort: 8080 },
      { name: "broker", containerPort: 8081 },
      { name: "context", containerPort: 8082 },
      { name: "metrics", containerPort: 9090 },
    ]);
  });

  it("is scraped: the monitor carries the label by which Prometheus picks it up", async () => {
    const { inputs } = (
      await recordBuilder({}, { monitoring: { namespace: "observability", release: "prometheus" } })
    ).one("kubernetes:monitoring.coreos.com/v1:ServiceMonitor");
    const { labels, namespace } = inputs["metadata"] as { labels: Record<string, string>; namespace: string };
    assert.equal(labels["release"], "prometheus");
    assert.equal(namespace, "knative-lambda-system");
    assert.deepEqual(inputs["spec"], {
      selector: {
        matchLabels: { "app.kubernetes.io/name": "knative-lambda", "app.kubernetes.io/component": "builder" },
      },
      endpoints: [{ port: "metrics", path: "/metrics", interval: "15s" }],
    });
  });
});
