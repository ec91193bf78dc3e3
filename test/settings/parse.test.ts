import fc from "fast-check";
import assert from "node:assert/strict";
import { CLUSTER_VALUES, linesOf, settingsOf } from "../support/settings";

describe("settings", () => {
  it("default to SRE-002's values", () => {
    const { builderService, keepAlive } = settingsOf();
    assert.equal(builderService.replicas, 3);
    assert.equal(builderService.kanikoJobLimit, 100);
    assert.deepEqual(builderService.autoscaling, {
      enabled: true,
      minReplicas: 2,
      maxReplicas: 10,
      targetCPU: 70,
    });
    assert.equal(builderService.kaniko.cache, true);
    assert.equal(builderService.kaniko.cacheTTL, "72h");
    assert.equal(builderService.kaniko.cacheRepo, undefined);
    const { requests, limits } = builderService.kaniko.resources;
    assert.deepEqual([requests.cpu, requests.memory, limits.cpu, limits.memory], ["1", "2Gi", "2", "4Gi"]);
    assert.deepEqual([keepAlive.minScale, keepAlive.maxScale, keepAlive.target], [1, 10, 10]);
  });

  it("keep a default beside a sibling that is set", () => {
    const { kaniko } = settingsOf({
      builderService: { kaniko: { resources: { limits: { memory: "8Gi" } } } },
    }).builderService;
    assert.deepEqual(kaniko.resources.limits, { cpu: "2", memory: "8Gi", "ephemeral-storage": "20Gi" });
    assert.equal(kaniko.cacheTTL, "72h");
  });

  it("take a legal zero and a legal false", () => {
    const settings = settingsOf({
      quotas: { spotVcpus: 0 },
      builderService: { kaniko: { cache: false, retries: 0 } },
    });
    assert.equal(settings.quotas.spotVcpus, 0);
    assert.equal(settings.builderService.kaniko.cache, false);
    assert.equal(settings.builderService.kaniko.retries, 0);
  });

  it("report three mistakes of three kinds as three lines", () => {
    assert.deepEqual(
      linesOf({
        builderService: {
          autoscaling: { minReplicas: 12 },
          kaniko: { cacheTtl: "24h", resources: { requests: { memory: "8Gi" } } },
        },
      }),
      [
        'test: knative-lambda:builderService.kaniko.cacheTtl = "24h": is no setting; did you mean cacheTTL?',
        "test: knative-lambda:builderService.autoscaling.minReplicas = 12: is above maxReplicas (10); lower it, or raise maxReplicas to 12",
        'test: knative-lambda:builderService.kaniko.resources.requests.memory = "8Gi": is above the limit of 4Gi; lower the request or raise limits.memory',
      ],
    );
  });

  it("name the section of a key that stands in the wrong one", () => {
    assert.deepEqual(linesOf({ builderService: { cacheTTL: "24h" } }), [
      'test: knative-lambda:builderService.cacheTTL = "24h": is no setting; did you mean builderService.kaniko.cacheTTL?',
    ]);
  });

  const refused: [what: string, values: Record<string, unknown>, line: RegExp][] = [
    [
      "a text for a number",
      { builderService: { replicas: "3" } },
      /replicas = "3": is not a number; write 3 without quotes$/,
    ],
    [
      "a key without its value",
      { cluster: { version: null } },
      /version = null: has no value; write one, or/,
    ],
    ["a section without its values", { keepAlive: "" }, /keepAlive = "": has no value; write one, or leave/],
    [
      "one entry for a list of them",
      { keepAlive: { functions: "parser-1" } },
      /functions = "parser-1": is not a list; write \["parser-1"\]$/,
    ],
    [
      "a path for a key",
      { "platform.architecture": "arm64" },
      /platform\.architecture = "arm64": is no setting; did you mean architecture below platform\?$/,
    ],
    [
      "memory without its unit",
      { builderService: { resources: { limits: { memory: 4096 } } } },
      /memory = 4096: is a number of bytes, below 32Mi; write it with its unit as in 2Gi$/,
    ],
    [
      "memory in thousandths",
      { builderService: { resources: { limits: { memory: "4096m" } } } },
      /memory = "4096m": is below 32Mi; write it as in 2Gi$/,
    ],
    [
      "a disk without its unit",
      { buildNodes: { disk: 200 } },
      /disk = 200: is a number of bytes, below 1Gi; write it with its unit as in 200Gi$/,
    ],
    [
      "cores for thousandths",
      { builderService: { kaniko: { resources: { limits: { cpu: 2000 } } } } },
      /cpu = 2000: is above 256 cores; did you mean 2000m\?$/,
    ],
    [
      "more cores than any node has",
      { builderService: { kaniko: { resources: { limits: { cpu: "257.5" } } } } },
      /cpu = "257\.5": is above 256 cores; give 256 or less$/,
    ],
    [
      "a fraction of a replica",
      { builderService: { replicas: 1.5 } },
      /replicas = 1.5: is not a whole number$/,
    ],
    [
      "a text for a switch",
      { protect: "yes" },
      /protect = "yes": is not true or false; write true without quotes$/,
    ],
    [
      "days in a duration",
      { builderService: { kaniko: { cacheTTL: "3d" } } },
      /cacheTTL = "3d": .*write 72h$/,
    ],
    [
      "a number for a duration",
      { builderService: { kaniko: { cacheTTL: 72 } } },
      /cacheTTL = 72: is not a duration; write it in quotes as in "72h"$/,
    ],
    [
      "a quantity with a wrong unit",
      { buildNodes: { disk: "200GB" } },
      /disk = "200GB": is not a quantity above zero; write it as in 200Gi$/,
    ],
    [
      "a misspelt choice",
      { buildNodes: { capacityType: "ondemand" } },
      /capacityType = "ondemand": is none of spot, on-demand; did you mean on-demand\?$/,
    ],
    [
      "a version that YAML read as a number",
      { cluster: { version: 1.36 } },
      /version = 1.36: .*write the version in quotes as in "1.36"/,
    ],
    [
      "a list for a mapping",
      { builderService: [] },
      /builderService = \[\]: is not a mapping of keys to values$/,
    ],
    [
      "a moving tag",
      { builderService: { kaniko: { image: "ghcr.io/a/kaniko:latest" } } },
      /moving tag "latest"/,
    ],
    [
      "a function that is kept warm twice",
      { keepAlive: { functions: ["a", "b", "a"] } },
      /keepAlive\.functions\[2\] = "a": stands there twice; take one out$/,
    ],
    [
      "a namespace that is listed twice",
      { functions: { namespaces: ["a", "a"] } },
      /functions\.namespaces\[1\] = "a": stands there twice; take one out$/,
    ],
    ["host bits in a CIDR", { network: { cidr: "10.0.1.0/16" } }, /write 10\.0\.0\.0\/16$/],
    [
      "an entry without its principal",
      { cluster: { accessEntries: [{ policy: "view" }] } },
      /accessEntries\[0\]\.principalArn: is missing; write it as in arn:aws:iam::/,
    ],
    [
      "a session's ARN",
      {
        cluster: {
          accessEntries: [{ principalArn: "arn:aws:sts::123456789012:assumed-role/a/b", policy: "view" }],
        },
      },
      /is not such an ARN/,
    ],
    [
      "a creator that is no principal",
      { cluster: { creatorArn: "arn:aws:sts::123456789012:federated-user/a" } },
      /creatorArn = .*: is not such an ARN; .* or as `aws sts get-caller-identity` has it$/,
    ],
    [
      "a cache in no registry",
      { builderService: { kaniko: { cacheRepo: "kaniko-cache" } } },
      /write it as in \$\{ECR_REGISTRY\}\/kaniko-cache$/,
    ],
  ];
  for (const [what, values, line] of refused) {
    it(`refuse ${what}, in one line`, () => {
      const lines = linesOf(values);
      assert.equal(lines.length, 1, lines.join("\n"));
      assert.match(lines[0] ?? "", line);
    });
  }

  it("name the region that is missing, beside every other mistake", () => {
    assert.deepEqual(linesOf({ protekt: true }, { region: undefined }), [
      "test: knative-lambda:protekt = true: is no setting; did you mean protect?",
      "test: aws:region: is missing; target aws needs it, as in us-west-2",
    ]);
    assert.deepEqual(linesOf(CLUSTER_VALUES, { region: undefined }), []);
  });

  it("tell a region by its form, whichever AWS adds", () => {
    for (const region of ["us-west-2", "us-gov-east-1", "eusc-de-east-1"])
      assert.deepEqual(linesOf({}, { region }), []);
    assert.deepEqual(
      ["us-west-2a", "us-west-22", "oregon", ""].flatMap((region) => linesOf({}, { region })),
      [
        'test: aws:region = "us-west-2a": is a zone; write its region, us-west-2',
        'test: aws:region = "us-west-22": is no region\'s name; write it as in us-west-2',
        'test: aws:region = "oregon": is no region\'s name; write it as in us-west-2',
        'test: aws:region = "": is no region\'s name; write it as in us-west-2',
      ],
    );
    assert.deepEqual(linesOf(CLUSTER_VALUES, { region: "oregon" }), []);
  });

  it("have sensible least amounts, and take those", () => {
    const resources = { requests: { cpu: 256, memory: "32Mi" }, limits: { cpu: "256", memory: "32Mi" } };
    assert.deepEqual(
      linesOf({
        builderService: { resources },
        buildNodes: { limits: { cpu: 2000, memory: "1Gi" }, disk: 1024 ** 3 },
        sources: { maxArchive: "1Ki" },
      }),
      [],
    );
  });

  it("never throw anything but lines for the user, whatever the file says", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom("builderService", "network", "cluster", "keepAlive", "target", "x"),
          fc.jsonValue(),
        ),
        (values) => {
          for (const line of linesOf(values)) assert.match(line, /^test: (knative-lambda:|aws:region)/);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("point at the letter that is wrong in any misspelt key", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("kanikoJobLimit", "autoscaling", "resources", "logLevel", "replicas"),
        fc.nat(),
        (key, seed) => {
          const at = seed % key.length;
          const misspelt = `${key.slice(0, at)}q${key.slice(at + 1)}`;
          assert.deepEqual(linesOf({ builderService: { [misspelt]: null } }), [
            `test: knative-lambda:builderService.${misspelt} = null: is no setting; did you mean ${key}?`,
          ]);
        },
      ),
    );
  });
});
