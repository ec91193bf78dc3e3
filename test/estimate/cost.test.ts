import assert from "node:assert/strict";
import { BUILD_DISK } from "../../components/buildNodes";
import { PAID_BUILD_DISK_THROUGHPUT, perKeptPod } from "../../estimate/computeCost";
import { monthlyCost } from "../../estimate/cost";
import { PRICES } from "../../estimate/prices";
import { CLUSTER_VALUES, settingsOf } from "../support/settings";

const lines = (values: Record<string, unknown> = {}): Record<string, number> =>
  Object.fromEntries(monthlyCost(settingsOf(values)).lines.map(({ id, usd }) => [id, usd]));

describe("monthly cost", () => {
  it("adds up, line by line, to figures worked out by hand", () => {
    assert.deepEqual(lines(), {
      // 0.10 × 730
      "control-plane": 73,
      // 5.84 CPU on 3.92 of a c7i.xlarge at 80 %: 1.86, so two of them: 2 × 0.1785 × 730
      "base-nodes": 260.61,
      // 1.25 CPU, and 0.25 for 200 × 30 s of the day, on m7i.xlarge at 80 %: 0.4041 × 0.2016 × 730
      functions: 59.48,
      "keep-alive": 0,
      // 0.104 builds at 7 to a m7i.2xlarge, 15 of them for 5 minutes of the day, and a m7i.large up 60.8 % of the time, 35 % of on demand
      "build-nodes": 22.57,
      // 12 % of 260.61 + 59.48 + 64.48
      "auto-mode": 46.15,
      // (2.4041 × 80 + 50) × 0.08, and 0.6754 build nodes × (200 × 0.08 + 375 × 0.04)
      disks: 40.32,
      // 3 × (0.045 + 0.005) × 730 + 50 × 0.045
      nat: 111.75,
      endpoints: 0,
      // Without a domain there is no way in to balance.
      "load-balancer": 0,
      "image-storage": 5,
      "cache-storage": 2,
      // 200 × 7 × 0.01 × 0.023, and 6,083 builds with two PUTs and two GETs
      "source-storage": 0.39,
      acceleration: 0,
      // 10 × 0.50 + 9.86 × 0.03
      logs: 5.3,
      kms: 1,
    });
    assert.equal(monthlyCost(settingsOf()).total, 627.57);
  });

  it("costs each kept-alive function by its request, and shows SRE-002's $5 beside it", () => {
    const settings = settingsOf({ keepAlive: { functions: ["parser-1", "parser-2"], minScale: 2 } });
    // 0.25 CPU of 3.92 at 80 %: 0.0797 × 0.2016 × 730
    assert.equal(perKeptPod(settings).toFixed(2), "11.73");
    const line = monthlyCost(settings).lines.find(({ id }) => id === "keep-alive");
    assert.equal(line?.usd, 46.93);
    assert.match(
      line.assumption,
      /^2 functions, 2 pods each, \$11\.73 a pod .*about \$5 a function, which makes \$10$/,
    );
  });

  it("charges Auto Mode's fee on spot nodes as on any other", () => {
    const [spot, onDemand] = [lines(), lines({ buildNodes: { capacityType: "on-demand" } })];
    assert.equal(spot["auto-mode"], onDemand["auto-mode"]);
    assert.equal(onDemand["build-nodes"], 64.48);
  });

  it("tells what it costs to keep something for longer: nodes after a wave, pods after a request, layers", () => {
    const dearer = (values: Record<string, unknown>): string[] => {
      const before = lines();
      return Object.entries(lines(values)).flatMap(([id, usd]) =>
        usd === before[id] ? [] : [`${id} ${(usd - (before[id] ?? 0)).toFixed(2)}`],
      );
    };
    // 15 m7i.2xlarge for 25 minutes more of the day, on spot, beside the small node that is up 99 % of the time in place of 61.
    const idle = dearer({ buildNodes: { consolidateAfter: "30m" } });
    assert.deepEqual(idle.map((line) => line.split(" ")[0]).sort(), ["auto-mode", "build-nodes", "disks"]);
    // 200 × 570 s of the day: 1.319 pods of $11.73.
    assert.ok(dearer({ knative: { scaleToZeroRetention: "10m" } }).includes("functions 15.48"));
    // Kept for 8 days in place of 4; by its own setting for 12.
    assert.deepEqual(dearer({ builderService: { kaniko: { cacheTTL: "168h" } } }), ["cache-storage 2.00"]);
    assert.deepEqual(dearer({ imageRepositories: { cacheExpiryDays: 12 } }), ["cache-storage 4.00"]);
    // What is assumed of them: none, and what they are set to is for nothing.
    const none = { budget: { assumptions: { buildWavesPerDay: 0, functionWakesPerDay: 0 } } };
    assert.equal(lines(none)["functions"], 58.66);
    assert.equal(lines(none)["build-nodes"], 17.2);
  });

  it("counts replicas at the autoscaler's minimum, or as they are set without one", () => {
    const base = (builderService: Record<string, unknown>) => lines({ builderService })["base-nodes"] ?? 0;
    const scaled = base({ autoscaling: { minReplicas: 6 }, replicas: 1 });
    assert.equal(scaled, base({ autoscaling: { enabled: false }, replicas: 6 }));
    assert.ok(scaled > base({}));
  });

  it("counts what each part of the network costs", () => {
    const { nat, endpoints } = lines({ network: { zones: 2, natGateways: "one", interfaceEndpoints: true } });
    assert.equal(nat, 38.75);
    assert.equal(endpoints, 58.4);
    const existing = settingsOf({
      network: {
        vpcId: "vpc-0123456789abcdef0",
        privateSubnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
      },
    });
    // The settings refuse it; the estimate counts nothing that isn't made all the same.
    existing.network.interfaceEndpoints = true;
    for (const id of ["nat", "endpoints"]) {
      const line = monthlyCost(existing).lines.find((candidate) => candidate.id === id);
      assert.equal(line?.usd, 0);
      assert.match(line.assumption, /^the existing VPC's own/);
    }
    assert.equal(lines({ knative: { domain: "functions.example.com" } })["load-balancer"], 16.43);
    assert.equal(
      lines({ knative: { domain: "functions.example.com", loadBalancer: "none" } })["load-balancer"],
      0,
    );
    assert.equal(lines({ knative: { install: false } })["load-balancer"], 0);
  });

  it("charges an internet-facing load balancer for its public addresses", () => {
    const certificateArn =
      "arn:aws:acm:us-west-2:123456789012:certificate/12345678-1234-1234-1234-123456789012";
    assert.equal(
      lines({
        knative: { loadBalancer: "internet-facing", domain: "functions.example.com", certificateArn },
      })["load-balancer"],
      27.38,
    );
  });

  it("charges cache and acceleration only where they are on", () => {
    const assumptions = { acceleratedGb: 100 };
    assert.equal(lines({ budget: { assumptions } })["acceleration"], 4);
    const off = lines({
      budget: { assumptions },
      sourceBucket: { accelerate: false },
      builderService: { kaniko: { cache: false } },
    });
    assert.equal(off["acceleration"], 0);
    assert.equal(off["cache-storage"], 0);
  });

  it("estimates nothing for a cluster that exists, and says so", () => {
    const cost = monthlyCost(settingsOf(CLUSTER_VALUES));
    assert.deepEqual([cost.lines, cost.total], [[], 0]);
    assert.match(cost.notes[0] ?? "", /^Not estimated/);
  });

  it("names day and region of its prices, and the source of each", () => {
    const { prices, notes } = monthlyCost(settingsOf());
    assert.deepEqual(prices, { region: "us-east-1", ec2: "2026-07-20", others: "2026-02 to 2026-09" });
    assert.ok(notes.includes("Prices are those of us-east-1; us-west-2's may differ."));
    for (const [name, { source }] of Object.entries(PRICES)) assert.notEqual(source, "", name);
  });

  it("pays for the throughput that build nodes' disks ask for beyond gp3's own", () => {
    assert.equal(PAID_BUILD_DISK_THROUGHPUT, BUILD_DISK.throughputMiB - 125);
  });
});
