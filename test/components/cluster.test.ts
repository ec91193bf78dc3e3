import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { Cluster, type ClusterArgs } from "../../components/cluster";
import { tags } from "../../contract/labels";
import { UNKNOWN } from "../../preview/recordingMonitor";
import { record, valueOf } from "../support/record";

const args: ClusterArgs = {
  clusterName: "knative-lambda-test",
  version: "1.36",
  publicAccessCidrs: [],
  accessEntries: [],
  logRetentionDays: 30,
  vpcId: "vpc-1",
  privateSubnetIds: ["subnet-1", "subnet-2"],
  protect: true,
  tags: tags("test"),
};
const recorded = (changes: Partial<ClusterArgs> = {}) =>
  record(() => new Cluster("cluster", { ...args, ...changes }));
const EKS = "eks:index:Cluster";

/** Waits, as a workload does, for the cluster behind its name. */
class Dependant extends pulumi.CustomResource {
  constructor(clusterName: pulumi.Input<string>) {
    super("test:index:Dependant", "dependant", { clusterName });
  }
}

describe("Cluster", () => {
  it("makes exactly the cluster, its key and its logs; no provider, no role of its own", async () => {
    assert.deepEqual((await recorded()).list().split("\n"), [
      "aws:cloudwatch/logGroup:LogGroup cluster-logs",
      "aws:kms/alias:Alias cluster-secrets",
      "aws:kms/key:Key cluster-secrets",
      "eks:index:Cluster cluster-eks",
      "knative-lambda:aws:Cluster cluster",
    ]);
  });

  it("asks EKS for Auto Mode, access by entries, standard support, every log and a private endpoint", async () => {
    const cluster = (await recorded()).one(EKS);
    assert.equal(cluster.remote, true);
    assert.deepEqual(cluster.inputs, {
      name: "knative-lambda-test",
      version: "1.36",
      upgradePolicy: { supportType: "STANDARD" },
      autoMode: {
        enabled: true,
        computeConfig: { nodePools: ["general-purpose", "system"] },
        // The SDK's defaults, here and in the next.
        createNodeRole: true,
      },
      corednsAddonOptions: {
        enabled: false,
        resolveConflictsOnCreate: "OVERWRITE",
        resolveConflictsOnUpdate: "OVERWRITE",
      },
      vpcId: "vpc-1",
      privateSubnetIds: ["subnet-1", "subnet-2"],
      endpointPrivateAccess: true,
      endpointPublicAccess: false,
      authenticationMode: "API",
      accessEntries: {},
      enabledClusterLogTypes: ["api", "audit", "authenticator", "controllerManager", "scheduler"],
      encryptionConfigKeyArn: UNKNOWN,
      deletionProtection: true,
      tags: tags("test"),
      clusterTags: { Name: "knative-lambda-test" },
    });
  });

  it("answers on the internet to the given blocks only, and inside the VPC all the same", async () => {
    const { inputs } = (await recorded({ publicAccessCidrs: ["203.0.113.0/24"] })).one(EKS);
    assert.equal(inputs["endpointPublicAccess"], true);
    assert.equal(inputs["endpointPrivateAccess"], true);
    assert.deepEqual(inputs["publicAccessCidrs"], ["203.0.113.0/24"]);
  });

  it("encrypts Secrets with a key that rotates", async () => {
    const all = await recorded();
    const key = all.one("aws:kms/key:Key");
    assert.equal(key.inputs["enableKeyRotation"], true);
    assert.equal(key.inputs["deletionWindowInDays"], 30);
    assert.equal("policy" in key.inputs, false);
    assert.ok(all.one(EKS).dependencies.includes(key.urn));
    assert.equal(all.one("aws:kms/alias:Alias").inputs["name"], "alias/knative-lambda-test-secrets");
  });

  it("makes the log group, with its retention, before EKS would make one without", async () => {
    const all = await recorded({ logRetentionDays: 7 });
    const logs = all.one("aws:cloudwatch/logGroup:LogGroup");
    assert.equal(logs.inputs["name"], "/aws/eks/knative-lambda-test/cluster");
    assert.equal(logs.inputs["retentionInDays"], 7);
    assert.ok(all.one(EKS).dependencies.includes(logs.urn));
  });

  it("maps each policy to EKS's own, for the cluster or for namespaces", async () => {
    const principalArn = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
    const { inputs } = (
      await recorded({
        accessEntries: [
          { principalArn: principalArn("a"), policy: "cluster-admin" },
          { principalArn: principalArn("b"), policy: "admin" },
          { principalArn: principalArn("c"), policy: "edit", namespaces: ["team"] },
          { principalArn: principalArn("path/d"), policy: "view" },
          { principalArn: principalArn("e"), policy: "admin-view" },
        ],
      })
    ).one(EKS);
    const entry = (name: string, policy: string, awsPolicy: string, accessScope: object) => [
      `123456789012:role/${name}`,
      {
        principalArn: principalArn(name),
        tags: { ...tags("test"), Name: principalArn(name) },
        accessPolicies: {
          [policy]: { policyArn: `arn:aws:eks::aws:cluster-access-policy/${awsPolicy}`, accessScope },
        },
      },
    ];
    assert.deepEqual(
      inputs["accessEntries"],
      Object.fromEntries([
        entry("a", "cluster-admin", "AmazonEKSClusterAdminPolicy", { type: "cluster" }),
        entry("b", "admin", "AmazonEKSAdminPolicy", { type: "cluster" }),
        entry("c", "edit", "AmazonEKSEditPolicy", { type: "namespace", namespaces: ["team"] }),
        entry("path/d", "view", "AmazonEKSViewPolicy", { type: "cluster" }),
        entry("e", "admin-view", "AmazonEKSAdminViewPolicy", { type: "cluster" }),
      ]),
    );
  });

  it("protects cluster and key and nothing else", async () => {
    const protectedTypes = async (protect: boolean) =>
      (await recorded({ protect })).registrations.filter((made) => made.protect).map(({ type }) => type);
    assert.deepEqual((await protectedTypes(true)).sort(), ["aws:kms/key:Key", EKS]);
    assert.deepEqual(await protectedTypes(false), []);
    assert.equal((await recorded({ protect: false })).one(EKS).inputs["deletionProtection"], false);
  });

  it("answers the name at once, and makes what uses it wait for the cluster", async () => {
    const all = await record(() => new Dependant(new Cluster("cluster", args).clusterName));
    const dependant = all.one("test:index:Dependant");
    assert.equal(dependant.inputs["clusterName"], "knative-lambda-test");
    assert.deepEqual(dependant.dependencies, [all.one(EKS).urn]);
  });

  it("keeps the kubeconfig secret", async () => {
    let cluster: Cluster | undefined;
    await record(
      () => {
        cluster = new Cluster("cluster", args);
      },
      { outputsOf: ({ type }) => (type === EKS ? { kubeconfigJson: "{}" } : {}) },
    );
    assert.ok(cluster);
    assert.equal(await pulumi.isSecret(cluster.kubeconfig), true);
    assert.equal(await valueOf(cluster.kubeconfig), "{}");
  });
});
