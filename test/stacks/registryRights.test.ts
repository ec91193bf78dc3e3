import assert from "node:assert/strict";
import { resolve } from "node:path";
import { type Bases, chooseBases, offeredBases } from "../../builder/build/baseImage";
import { readEnvironment } from "../../builder/environment";
import { readEcrHost } from "../../builder/registry/ecr/ecrHost";
import { sessionPolicy } from "../../builder/registry/ecr/sessionPolicy";
import { repositoriesOf } from "../../builder/registry/buildCredential";
import { registryLayout } from "../../builder/registryLayout";
import { pathIn } from "../../contract/imageNames";
import { LANGUAGES } from "../../contract/function/spec";
import type { Environment } from "../../contract/environment";
import { type Evaluation, evaluate } from "../../preview/evaluate";
import { readStackFile } from "../../preview/stackFile";
import { readImageReference } from "../../settings";
import { actionsOn, parsed } from "../support/iam";

const FOLDER = resolve(__dirname, "..", "..");
const REGISTRY = "123456789012.dkr.ecr.us-west-2.amazonaws.com";

/** What a pull asks for, by whoever's login. */
const PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"];
/** What a pull through the cache asks for beside it, where the image or its repository is not there yet. */
const FIRST_PULL = ["ecr:BatchImportUpstreamImage", "ecr:CreateRepository"];

const inputsOf = ({ registrations }: Evaluation, name: string): Record<string, unknown> => {
  const found = registrations.find((registration) => registration.name === name);
  assert.ok(found, `nothing is named ${name}`);
  return found.inputs;
};
const policyOf = (stack: Evaluation, name: string) => parsed(inputsOf(stack, name)["policy"]);

/** The environment as the builder reads it from its ConfigMap; what AWS tells only afterwards stands for itself. */
function environmentOf(stack: Evaluation): Environment {
  const data = inputsOf(stack, "builder-environment")["data"] as Record<string, unknown>;
  return readEnvironment({
    POD_NAME: "builder-0",
    ...Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, typeof value === "string" ? value : "unknown"]),
    ),
  });
}

/** Every base image that the builder may ask a registry for: all languages, compiled or not, of the version that is offered and of another. */
function basesOf(environment: Environment): string[] {
  const offered = offeredBases(environment);
  const images = LANGUAGES.flatMap((language) =>
    ["1.20", "3.12", "20", "99"].flatMap((version) =>
      [true, false].map((portable): Bases => chooseBases(language, version, portable, offered)),
    ),
  ).flatMap(({ build, runtime }) => [build, runtime]);
  return [...new Set([...images, ...registryLayout(environment).baseImages])];
}

/** The paths inside the platform's registry, which the builder asks by its own login. */
function ownPaths(images: readonly string[]): string[] {
  const paths = images.flatMap((image) => {
    const read = readImageReference(image);
    assert.ok(typeof read !== "string", image);
    return read.registry === REGISTRY ? [read.repository] : [];
  });
  return [...new Set(paths)];
}

const arn = (path: string) => `arn:aws:ecr:us-west-2:123456789012:repository/${path}`;

/** Fails where a policy lacks a right to a base image. */
function assertPulls(stack: Evaluation, policy: string, paths: readonly string[]): void {
  const prefix = String(inputsOf(stack, "images-base-images")["ecrRepositoryPrefix"]);
  for (const path of paths) {
    const needed = path.startsWith(`${prefix}/`) ? [...PULL, ...FIRST_PULL] : PULL;
    const allowed = actionsOn(policyOf(stack, policy), arn(path));
    assert.deepEqual(
      needed.filter((action) => !allowed.includes(action)),
      [],
      `${policy} on ${path}`,
    );
  }
}

/** The stack files as they are, and with base images of one's own in the same registry. */
const cases: { stack: string; sets: string[]; paths: number }[] = [
  ...["dev", "staging", "prod"].map((stack) => ({ stack, sets: [], paths: 4 })),
  {
    stack: "prod",
    sets: [
      `imageRepositories.baseImages.python=${REGISTRY}/base/python:3.13`,
      `imageRepositories.baseImages.pythonAlpine=${REGISTRY}/base/python:3.13-alpine`,
      `imageRepositories.baseImages.nodejs=${REGISTRY}/ecr-public/docker/library/node:20-slim@sha256:${"a".repeat(64)}`,
      "imageRepositories.baseImages.goRuntime=gcr.io/distroless/static:v1",
    ],
    paths: 3,
  },
];

describe("the rights to read a registry", () => {
  for (const { stack, sets, paths: count } of cases) {
    const what = `${stack}${sets.length > 0 ? " with base images of its own" : ""}`;
    let evaluation: Evaluation;
    let environment: Environment;
    let paths: string[];
    before(async () => {
      evaluation = await evaluate(readStackFile(FOLDER, stack, sets));
      environment = environmentOf(evaluation);
      paths = ownPaths(basesOf(environment));
    });

    it(`cover every base image that ${what} has the builder resolve by its own login, also for the first time`, () => {
      assert.equal(environment.REGISTRY, REGISTRY);
      assert.equal(paths.length, count, paths.join("\n"));
      assertPulls(evaluation, "builder-identity-policy", paths);
    });

    it(`cover every base image that a build of ${what} pulls, by the role and by what its session leaves of it`, () => {
      assertPulls(evaluation, "registry-access-policy", paths);
      const registry = readEcrHost(environment.REGISTRY);
      assert.ok(registry);
      const { own, base } = repositoriesOf(registryLayout(environment), "a-namespace");
      assert.deepEqual(
        paths.filter((path) => !base.includes(path)),
        [],
      );
      const role = policyOf(evaluation, "registry-access-policy");
      const session = parsed(sessionPolicy({ registry, own, base }));
      for (const path of own) {
        const allowed = actionsOn(role, arn(path));
        assert.deepEqual(
          actionsOn(session, arn(path)).filter((action) => !allowed.includes(action)),
          [],
          path,
        );
      }
    });

    it(`cover the function images and the cache of ${what}, also of a namespace to come`, () => {
      const policy = policyOf(evaluation, "builder-identity-policy");
      for (const namespace of [...environment.FUNCTION_NAMESPACES, "a-namespace-to-come"]) {
        const functions = pathIn(REGISTRY, `${environment.FUNCTIONS_REPO}/${namespace}`);
        const cache = pathIn(REGISTRY, `${environment.KANIKO_CACHE_REPO}/${namespace}`);
        assert.ok(functions !== undefined && cache !== undefined);
        const onFunctions = actionsOn(policy, arn(functions));
        for (const action of [...PULL, "ecr:ListImages", "ecr:PutImage", "ecr:BatchDeleteImage"])
          assert.ok(onFunctions.includes(action), `${action} on ${functions}`);
        const onCache = actionsOn(policy, arn(cache));
        for (const action of ["ecr:ListImages", "ecr:BatchGetImage"])
          assert.ok(onCache.includes(action), `${action} on ${cache}`);
      }
    });

    it(`end, for what ${what} only reads, at reading it`, () => {
      const policy = policyOf(evaluation, "builder-identity-policy");
      for (const path of paths)
        assert.deepEqual(
          actionsOn(policy, arn(path)).filter((action) => ![...PULL, ...FIRST_PULL].includes(action)),
          [],
          path,
        );
      assert.deepEqual(actionsOn(policy, arn("somebody-else/python")), []);
    });
  }

  it("are held back by no policy of the registry or of a repository, and ECR may make what a first pull asks for", async () => {
    const evaluation = await evaluate(readStackFile(FOLDER, "prod"));
    assert.deepEqual(
      evaluation.registrations.filter(({ type }) => /ecr\/(registryPolicy|repositoryPolicy)/.test(type)),
      [],
    );
    const template = inputsOf(evaluation, "images-base-images-template");
    assert.equal("repositoryPolicy" in template, false);
    assert.equal(template["prefix"], inputsOf(evaluation, "images-base-images")["ecrRepositoryPrefix"]);
    const creation = policyOf(evaluation, "images-creation-policy");
    for (const path of ownPaths(basesOf(environmentOf(evaluation))))
      assert.deepEqual(actionsOn(creation, arn(path)), ["ecr:CreateRepository", "ecr:TagResource"], path);
  });
});
