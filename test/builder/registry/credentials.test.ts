import assert from "node:assert/strict";
import { type RegistryLayout, repositoriesOf } from "../../../builder/registry/buildCredential";
import { readEcrHost } from "../../../builder/registry/ecr/ecrHost";
import { ecrLoginSource } from "../../../builder/registry/ecr/ecrLogin";
import { mintEcrCredential, type SessionKeys } from "../../../builder/registry/ecr/mintEcrCredential";
import { sessionPolicy } from "../../../builder/registry/ecr/sessionPolicy";
import { untagEcr } from "../../../builder/registry/ecr/untagEcr";
import { dockerConfig, loginOf, readDockerConfig } from "../../../builder/registry/login";
import { mintFromSecret, namespaceLogin } from "../../../builder/registry/namespaceSecret";
import { InfrastructureError, type UserError } from "../../../builder/types";
import { FakeApi } from "../support/fakeApi";

const HOST = "123456789012.dkr.ecr.us-west-2.amazonaws.com";
const ECR = { account: "123456789012", region: "us-west-2", partition: "aws" };
const layout: RegistryLayout = {
  registry: HOST,
  functionsPrefix: `${HOST}/functions`,
  cachePrefix: `${HOST}/kaniko-cache`,
  cacheScope: "namespace",
  baseImages: [`${HOST}/public/docker/library/python:3.13-slim`, "ghcr.io/other/base@sha256:00"],
};
const never = new AbortController().signal;

/** A client of AWS that answers one command after the other. */
function fakeAws(...answers: unknown[]) {
  const sent: { name: string; input: Record<string, unknown> }[] = [];
  return {
    sent,
    destroyed: false,
    send(command: { constructor: { name: string }; input: object }): Promise<never> {
      sent.push({ name: command.constructor.name, input: { ...command.input } });
      const answer = answers.shift();
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer as never);
    },
    destroy() {
      this.destroyed = true;
    },
  };
}
const token = (password: string, expiresAt: Date) => ({
  authorizationData: [{ authorizationToken: Buffer.from(`AWS:${password}`).toString("base64"), expiresAt }],
});

describe("docker's config.json", () => {
  it("has logins by registry, however its name is written", () => {
    const config = readDockerConfig(
      JSON.stringify({
        auths: {
          "https://index.example.com/v1/": { auth: Buffer.from("u:p:with:colons").toString("base64") },
          "other.example.com:5000": { username: "a", password: "b" },
          broken: { auth: 7 },
        },
        credHelpers: { "index.example.com": "rm-rf" },
        credsStore: "evil",
      }),
    );
    assert.ok(config);
    assert.deepEqual(Object.keys(config), ["auths"], "no program is named");
    assert.deepEqual(loginOf(config, "index.example.com"), { username: "u", password: "p:with:colons" });
    assert.deepEqual(loginOf(config, "other.example.com:5000"), { username: "a", password: "b" });
    assert.equal(loginOf(config, "example.com"), undefined);
    assert.equal(loginOf(config, "broken"), undefined);
  });

  it("is none where the text is something else", () => {
    for (const text of ["", "{", "[]", "null", "{}", '{"auths":[]}', '{"auths":null}'])
      assert.equal(readDockerConfig(text), undefined, text);
  });
});

describe("the host of an ECR registry", () => {
  it("says account, region and partition", () => {
    assert.deepEqual(readEcrHost(HOST), ECR);
    assert.equal(readEcrHost("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn")?.partition, "aws-cn");
    assert.equal(readEcrHost("123456789012.dkr.ecr.us-gov-west-1.amazonaws.com")?.partition, "aws-us-gov");
    assert.equal(readEcrHost("123456789012.dkr-ecr.eu-west-1.on.aws")?.region, "eu-west-1");
  });

  it("is no host that only looks like one", () => {
    for (const host of [
      "public.ecr.aws",
      "10.244.77.2:5000",
      `evil.com/${HOST}`,
      `${HOST}.evil.com`,
      `x${HOST}`,
    ])
      assert.equal(readEcrHost(host), undefined, host);
  });
});

describe("the builder's login to ECR", () => {
  it("is asked for once for many, and again when it is about to end or was refused", async () => {
    let now = Date.UTC(2030, 0, 1);
    const until = (hours: number) => new Date(now + hours * 3_600_000);
    const ecr = fakeAws(token("one", until(12)), token("two", until(24)), token("three", until(36)));
    const login = ecrLoginSource(ecr, () => now);
    const ask = async (renew = false) => (await login({ renew, signal: never }))?.password;
    assert.deepEqual(await Promise.all([ask(), ask(), ask()]), ["one", "one", "one"]);
    now += 11.4 * 3_600_000;
    assert.equal(await ask(), "one");
    now += 0.2 * 3_600_000;
    assert.equal(await ask(), "two");
    now += 61_000;
    assert.equal(await ask(true), "three");
    assert.equal(ecr.sent.length, 3);
  });

  it("is asked for no more than once a minute where the registry refuses each", async () => {
    let now = Date.UTC(2030, 0, 1);
    const in12h = () => new Date(now + 12 * 3_600_000);
    const ecr = fakeAws(token("one", in12h()), token("two", in12h()));
    const login = ecrLoginSource(ecr, () => now);
    for (let index = 0; index < 50; index += 1) await login({ renew: true, signal: never });
    assert.equal(ecr.sent.length, 1);
    now += 61_000;
    for (let index = 0; index < 50; index += 1) await login({ renew: true, signal: never });
    assert.equal(ecr.sent.length, 2);
  });

  it("is used on for as long as it holds where ECR gives no other", async () => {
    let now = Date.UTC(2030, 0, 1);
    const ecr = fakeAws(
      token("one", new Date(now + 12 * 3_600_000)),
      new Error("Throttling"),
      new Error("No"),
    );
    const login = ecrLoginSource(ecr, () => now);
    const ask = async () => (await login({ renew: false, signal: never }))?.password;
    await ask();
    now += 11.6 * 3_600_000;
    assert.deepEqual([await ask(), await ask()], ["one", "one"]);
    assert.equal(ecr.sent.length, 2, "ECR was asked at each use");
    now += 0.5 * 3_600_000;
    await assert.rejects(ask(), /ECR gave no login: No/);
  });

  it("fails as what surrounds the platform fails", async () => {
    const login = ecrLoginSource(fakeAws(new Error("ExpiredToken"), {}));
    for (const message of [/ExpiredToken/, /without a login/])
      await assert.rejects(login({ renew: false, signal: never }), (error: InfrastructureError) => {
        assert.equal(error.reason, "RegistryLoginFailed");
        assert.match(error.message, message);
        return true;
      });
  });
});

describe("the repositories of a build", () => {
  it("are its namespace's images and cache, and base images to read, of the platform's registry", () => {
    assert.deepEqual(repositoriesOf(layout, "team-a"), {
      own: ["functions/team-a", "kaniko-cache/team-a"],
      base: ["public/docker/library/python"],
    });
    const shared: RegistryLayout = { ...layout, cacheScope: "shared" };
    assert.deepEqual(repositoriesOf(shared, "team-a").own, ["functions/team-a", "kaniko-cache"]);
    const elsewhere: RegistryLayout = { ...layout, cachePrefix: "cache.example.com/c" };
    assert.deepEqual(repositoriesOf(elsewhere, "team-a").own, ["functions/team-a"]);
  });
});

describe("the session policy of a build", () => {
  const policy = JSON.parse(sessionPolicy({ registry: ECR, ...repositoriesOf(layout, "team-a") })) as {
    Statement: { Effect: string; Action: string[]; Resource: string[] }[];
  };
  const repository = (path: string) => `arn:aws:ecr:us-west-2:123456789012:repository/${path}`;

  it("allows pushing to the namespace's repositories and nowhere else, by their whole names", () => {
    const pushing = policy.Statement.filter(({ Action }) => Action.includes("ecr:PutImage"));
    assert.deepEqual(
      pushing.map(({ Resource }) => Resource),
      [[repository("functions/team-a"), repository("kaniko-cache/team-a")]],
    );
  });

  it("has no wildcard but for the login, and names no right to delete or to see", () => {
    for (const { Effect, Action, Resource } of policy.Statement) {
      assert.equal(Effect, "Allow");
      assert.ok(
        Action.every((action) => !/\*|Delete|Describe|List|Policy/.test(action)),
        Action.join(),
      );
      if (Action[0] !== "ecr:GetAuthorizationToken")
        assert.ok(Resource.every((resource) => !resource.includes("*")));
    }
  });

  it("allows reading base images, and nothing more of them than a first pull needs", () => {
    const base = policy.Statement.filter(({ Resource }) =>
      Resource.includes(repository("public/docker/library/python")),
    );
    assert.deepEqual(
      base.flatMap(({ Action }) => Action),
      [
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchImportUpstreamImage",
        "ecr:CreateRepository",
      ],
    );
  });

  it("fits what STS takes with the longest names, and says so where it doesn't", () => {
    const longest = repositoriesOf(layout, "n".repeat(63));
    const base = ["python", "node", "golang", "alpine"].map((name) => `ecr-public/docker/library/${name}`);
    assert.ok(sessionPolicy({ registry: ECR, own: longest.own, base }).length <= 2048);
    const many = Array.from({ length: 20 }, (_, index) => `base/${"x".repeat(60)}${index}`);
    assert.throws(
      () => sessionPolicy({ registry: ECR, own: longest.own, base: many }),
      /too many base images/,
    );
  });

  it("takes no path that is a pattern", () => {
    assert.throws(
      () => sessionPolicy({ registry: ECR, own: ["functions/*"], base: [] }),
      /no repository's path/,
    );
    assert.throws(
      () => sessionPolicy({ registry: ECR, own: ["functions/${aws:user}"], base: [] }),
      RangeError,
    );
  });
});

describe("a build's credential on AWS", () => {
  const expiration = new Date("2030-01-01T01:00:00Z");
  const keys = { AccessKeyId: "A", SecretAccessKey: "S", SessionToken: "T", Expiration: expiration };
  function mint(stsAnswer: unknown, ...ecrAnswers: unknown[]) {
    const sts = fakeAws(stsAnswer);
    const ecr = fakeAws(...ecrAnswers);
    const given: SessionKeys[] = [];
    const credential = mintEcrCredential({
      sts,
      ecrFor: (session) => {
        given.push(session);
        return ecr;
      },
      roleArn: "arn:aws:iam::123456789012:role/registry-access",
      layout,
      ecr: ECR,
    })({ namespace: "team-a", jobName: "build-f-0123456789" }, never);
    return { credential, sts, ecr, given };
  }

  it("comes of a session that is narrowed to the namespace and named after the build", async () => {
    const { credential, sts, ecr, given } = mint(
      { Credentials: keys },
      token("p", new Date("2030-01-01T12:00:00Z")),
    );
    const { config, expiresAt } = await credential;
    assert.deepEqual(loginOf(config, HOST), { username: "AWS", password: "p" });
    assert.equal(expiresAt?.toISOString(), expiration.toISOString());
    const { name, input } = sts.sent[0] ?? { name: "", input: {} };
    assert.equal(name, "AssumeRoleCommand");
    const { Policy, ...rest } = input;
    assert.deepEqual(rest, {
      RoleArn: "arn:aws:iam::123456789012:role/registry-access",
      RoleSessionName: "build-f-0123456789",
      DurationSeconds: 3600,
    });
    assert.equal(Policy, sessionPolicy({ registry: ECR, ...repositoriesOf(layout, "team-a") }));
    assert.deepEqual(given, [{ accessKeyId: "A", secretAccessKey: "S", sessionToken: "T" }]);
    assert.ok(ecr.destroyed);
    assert.ok(!JSON.stringify(config).includes('T"'), "the session's own keys go nowhere");
  });

  it("is none where the role can't be assumed or gives no keys", async () => {
    await assert.rejects(mint(new Error("AccessDenied")).credential, /could not be assumed: AccessDenied/);
    await assert.rejects(mint({}).credential, /STS answered without keys/);
    const { credential, ecr } = mint({ Credentials: keys }, new Error("Throttling"));
    await assert.rejects(credential, /ECR gave no login: Throttling/);
    assert.ok(ecr.destroyed);
  });
});

describe("a tag of ECR", () => {
  const where = { account: "123456789012", repository: "functions/team-a", tag: "live-f-current" };

  it("is taken off by the API of AWS, by its name and never by a digest", async () => {
    const ecr = fakeAws({ imageIds: [{}], failures: [] });
    assert.equal(await untagEcr(ecr, where), "removed");
    assert.deepEqual(ecr.sent[0]?.input, {
      registryId: "123456789012",
      repositoryName: "functions/team-a",
      imageIds: [{ imageTag: "live-f-current" }],
    });
  });

  it("is absent where tag or repository is, and kept where ECR refuses", async () => {
    assert.equal(await untagEcr(fakeAws({ failures: [{ failureCode: "ImageNotFound" }] }), where), "absent");
    const gone = Object.assign(new Error("no"), { name: "RepositoryNotFoundException" });
    assert.equal(await untagEcr(fakeAws(gone), where), "absent");
    await assert.rejects(
      untagEcr(fakeAws({ failures: [{ failureCode: "KmsError" }] }), where),
      /kept tag .*KmsError/,
    );
  });

  it("is kept by who refuses, and not yet taken off where ECR fails, asks for patience or can't be reached", async () => {
    const reasonOf = (error: Error) =>
      untagEcr(fakeAws(error), where).then(
        () => "none",
        (thrown: unknown) => (thrown as InfrastructureError).reason,
      );
    const answer = (name: string, $fault: string) => Object.assign(new Error(name), { name, $fault });
    assert.equal(await reasonOf(answer("AccessDeniedException", "client")), "RegistryRefused");
    assert.equal(await reasonOf(answer("ThrottlingException", "client")), "RegistryUnreachable");
    assert.equal(await reasonOf(answer("ServerException", "server")), "RegistryUnreachable");
    assert.equal(await reasonOf(new Error("connect ECONNREFUSED")), "RegistryUnreachable");
  });
});

describe("a namespace's registry logins", () => {
  let api: FakeApi;
  beforeEach(async () => {
    api = await FakeApi.start();
  });
  afterEach(() => api.close());
  const secret = (text: string) =>
    api.put("/api/v1/namespaces/team-a/secrets", {
      metadata: { namespace: "team-a", name: "knative-lambda-registry" },
      data: { ".dockerconfigjson": Buffer.from(text).toString("base64") },
    } as never);
  const build = { namespace: "team-a", jobName: "build-f-0123456789" };

  it("are what its Secret has, for the builder and for builds", async () => {
    const config = dockerConfig("registry.example.com", { username: "u", password: "p" });
    secret(JSON.stringify({ ...config, credsStore: "evil" }));
    const client = api.client();
    assert.deepEqual(await mintFromSecret(client)(build, never), { config, expiresAt: undefined });
    const login = namespaceLogin(client, "team-a", "registry.example.com");
    assert.deepEqual(await login({ renew: false, signal: never }), { username: "u", password: "p" });
  });

  it("are read once a minute, and at once where one was refused", async () => {
    const config = (password: string) =>
      JSON.stringify(dockerConfig("registry.example.com", { username: "u", password }));
    let now = 0;
    const login = namespaceLogin(api.client(), "team-a", "registry.example.com", () => now);
    const ask = async (renew = false) => (await login({ renew, signal: never }))?.password;
    secret(config("one"));
    assert.equal(await ask(), "one");
    secret(config("two"));
    now += 59_000;
    assert.equal(await ask(), "one");
    now += 2_000;
    assert.equal(await ask(), "two");
    secret(config("three"));
    assert.equal(await ask(true), "three");
    assert.equal(await ask(), "three");
  });

  it("are none where there is no Secret, or none that the builder may read", async () => {
    assert.deepEqual((await mintFromSecret(api.client())(build, never)).config, { auths: {} });
    api.intercept = () => ({ code: 403 });
    assert.deepEqual((await mintFromSecret(api.client())(build, never)).config, { auths: {} });
  });

  it("are the user's to mend where the Secret holds something else", async () => {
    secret("not json");
    await assert.rejects(mintFromSecret(api.client())(build, never), (error: UserError) => {
      assert.equal(error.reason, "RegistrySecretInvalid");
      return true;
    });
  });

  it("fail where the API server does: the next attempt may find them", async () => {
    api.intercept = () => ({ code: 500 });
    await assert.rejects(mintFromSecret(api.client({ retries: 0 }))(build, never), InfrastructureError);
  });
});
