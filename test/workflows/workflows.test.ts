import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { dependencies, devDependencies, scripts } from "../../package.json";
import { stacksIn } from "../../preview/stackFile";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");
const FOLDER = join(PROJECT_FOLDER, ".github", "workflows");

interface Step {
  uses?: string;
  with?: Record<string, unknown>;
  run?: string;
}
interface Job {
  if?: string;
  uses?: string;
  environment?: string;
  permissions?: Record<string, string>;
  concurrency?: { group: string; "cancel-in-progress": boolean };
  strategy?: { "fail-fast": boolean; matrix: { stack: string[] } };
  steps?: Step[];
}
interface Workflow {
  on: Record<string, unknown>;
  permissions?: unknown;
  concurrency?: unknown;
  jobs: Record<string, Job>;
}

const read = (name: string): string => readFileSync(join(FOLDER, name), "utf8");

/** What a test file or .ci/run names, in quotes or behind `npm run`: the scripts that are really run. */
const TRIED = ["test/engine/delivery.test.ts", "test/cluster/operations.test.ts", ".ci/run"]
  .map((file) => readFileSync(join(PROJECT_FOLDER, file), "utf8"))
  .join("\n");

describe("the workflows", () => {
  const names = readdirSync(FOLDER).sort();
  const workflows = new Map(names.map((name) => [name, parse(read(name)) as Workflow]));
  const jobs = [...workflows].flatMap(([name, { on, jobs: own }]) =>
    Object.entries(own).map(([key, job]) => ({ label: `${name}: ${key}`, on, job, steps: job.steps ?? [] })),
  );
  const workflow = (name: string): Workflow => workflows.get(name) ?? assert.fail(name);
  const runsOf = (steps: readonly Step[]): string[] => steps.flatMap(({ run }) => run ?? []);
  const isGiven = (job: Job, right: string): boolean => job.permissions?.[right] !== undefined;
  /** What a job deploys with. */
  const deploys = (steps: readonly Step[]): boolean =>
    runsOf(steps).some((run) => /npm run (--silent )?(deploy|recover)\b/.test(run));

  it("are of a pull request, a deployment and the nightly drift", () => {
    assert.deepEqual(names, ["deploy-stack.yaml", "deploy.yaml", "drift.yaml", "pull-request.yaml"]);
    assert.deepEqual(Object.keys(workflow("pull-request.yaml").on), ["pull_request"]);
    assert.deepEqual(Object.keys(workflow("deploy.yaml").on), ["push", "workflow_dispatch"]);
    assert.deepEqual(Object.keys(workflow("deploy-stack.yaml").on), ["workflow_call"]);
    assert.deepEqual(Object.keys(workflow("drift.yaml").on), ["schedule", "workflow_dispatch"]);
  });

  it("pin every action by its commit, with its release beside it, and each at one commit", () => {
    const pins = new Map<string, Set<string>>();
    for (const name of names) {
      for (const [, used = ""] of read(name).matchAll(/^\s*(?:- )?uses: (.+)$/gm)) {
        if (used.startsWith("./")) continue;
        const [, action, commit] = /^([\w-]+\/[\w-]+)@([0-9a-f]{40}) # v\d+\.\d+\.\d+$/.exec(used) ?? [];
        assert.ok(action !== undefined && commit !== undefined, `${name}: ${used}`);
        pins.set(action, (pins.get(action) ?? new Set()).add(commit));
      }
    }
    assert.deepEqual([...pins.keys()].sort(), [
      "actions/checkout",
      "actions/setup-node",
      "aws-actions/configure-aws-credentials",
      "pulumi/actions",
    ]);
    for (const [action, commits] of pins) assert.equal(commits.size, 1, action);
  });

  it("give no right to a workflow as a whole, and a job no more than to read the code and to ask AWS for a role", () => {
    for (const [name, { permissions }] of workflows) assert.deepEqual(permissions, {}, name);
    for (const { label, job, steps } of jobs) {
      const asksAws =
        job.uses !== undefined ||
        steps.some(({ uses }) => uses?.startsWith("aws-actions/configure-aws-credentials@"));
      assert.deepEqual(
        job.permissions,
        { contents: "read", ...(asksAws ? { "id-token": "write" } : {}) },
        label,
      );
    }
  });

  it("hold no key: none is stored, and no step leaves git's behind", () => {
    for (const name of names) assert.doesNotMatch(read(name), /secrets[.[]|access-key|passphrase/i, name);
    for (const { label, steps } of jobs) {
      for (const step of steps.filter(({ uses }) => uses?.startsWith("actions/checkout@")))
        assert.equal(step.with?.["persist-credentials"], false, label);
    }
  });

  it("never run a fork's code with a right to AWS", () => {
    const guarded = jobs.filter(({ on, job }) => "pull_request" in on && isGiven(job, "id-token"));
    assert.deepEqual(
      guarded.map(({ label }) => label),
      ["pull-request.yaml: preview"],
    );
    for (const { label, job } of guarded)
      assert.equal(job.if, "github.event.pull_request.head.repo.full_name == github.repository", label);
    for (const [name, { on }] of workflows)
      for (const trigger of ["pull_request_target", "workflow_run", "issue_comment"])
        assert.ok(!(trigger in on), `${name}: ${trigger}`);
  });

  it("read an environment with a role that may read, and change it with that environment's own alone", () => {
    for (const { label, job, steps } of jobs.filter(({ job }) => isGiven(job, "id-token") && job.steps)) {
      const environment = deploys(steps) ? "${{ inputs.stack }}" : "${{ matrix.stack }}-preview";
      assert.equal(job.environment, environment, label);
    }
    const changing = jobs.filter(({ steps }) => deploys(steps)).map(({ label }) => label);
    assert.deepEqual(changing, ["deploy-stack.yaml: deploy"]);
  });

  it("deploy one at a time per stack, and never cancel what runs", () => {
    const { job } = jobs.find(({ label }) => label === "deploy-stack.yaml: deploy") ?? assert.fail();
    assert.deepEqual(job.concurrency, { group: "deploy-${{ inputs.stack }}", "cancel-in-progress": false });
    for (const name of names) assert.doesNotMatch(read(name), /cancel-in-progress: (?!false)/, name);
    for (const [name, { concurrency }] of workflows) assert.equal(concurrency, undefined, name);
    // A matrix ends its other jobs when one fails, unless it is told not to.
    for (const { label, job } of jobs.filter(({ job }) => job.strategy !== undefined))
      assert.equal(job.strategy?.["fail-fast"], false, label);
  });

  it("deploy to dev, then staging, then prod, and go on after no failure", () => {
    const { dev, staging, prod } = workflow("deploy.yaml").jobs as Record<string, Job & { needs?: unknown }>;
    assert.deepEqual([dev?.needs, staging?.needs, prod?.needs], [undefined, "dev", ["dev", "staging"]]);
    for (const job of [staging, prod])
      assert.match(job?.if ?? "", /^\$\{\{ !failure\(\) && !cancelled\(\) && /);
  });

  it("recover what was interrupted, and look for what would be lost, before they deploy", () => {
    const [deploy] = jobs.filter(({ steps }) => deploys(steps));
    assert.deepEqual(runsOf(deploy?.steps ?? []), [
      "npm ci",
      'npm run --silent recover -- --stack "$STACK" --alone',
      'npm run --silent plan -- --stack "$STACK" > plan.json',
      'npm run check:replacements -- plan.json --allow "$ALLOW"',
      'npm run deploy -- --stack "$STACK"',
    ]);
  });

  it("look at every environment", () => {
    const environments = stacksIn(PROJECT_FOLDER).filter((stack) => stack !== "local");
    for (const { label, job } of jobs.filter(({ job }) => job.strategy !== undefined))
      assert.deepEqual([...(job.strategy?.matrix.stack ?? [])].sort(), environments, label);
    assert.deepEqual(Object.keys(workflow("deploy.yaml").jobs).sort(), environments);
    const runs = runsOf(workflow("pull-request.yaml").jobs["changes"]?.steps ?? []);
    for (const stack of stacksIn(PROJECT_FOLDER))
      assert.ok(runs.includes(`npm start -- --stack ${stack} --strict`), stack);
  });

  it("run npm's scripts alone, which are there and are tried, and paste nothing into a shell", () => {
    for (const { label, steps } of jobs) {
      for (const run of runsOf(steps)) {
        const what = `${label}: ${run}`;
        assert.doesNotMatch(run, /\n|\$\{\{|[;&|`]|\$\(/, what);
        const [, script] = /^npm run (?:--silent )?(\S+)/.exec(run) ?? [];
        if (script === undefined) {
          assert.match(run, /^npm (ci|test|start -- --stack \w+ --strict)$/, what);
          continue;
        }
        assert.ok(script in scripts, what);
        assert.ok(TRIED.includes(`"${script}"`) || TRIED.includes(`npm run --silent ${script}`), what);
      }
    }
  });

  it("run on the Node.js and the Pulumi that the packages are of", () => {
    for (const { label, steps } of jobs) {
      for (const { uses, with: inputs } of steps) {
        if (uses?.startsWith("actions/setup-node@"))
          assert.equal(inputs?.["node-version"], devDependencies.node, label);
        if (uses?.startsWith("pulumi/actions@"))
          assert.deepEqual(inputs, { "pulumi-version": dependencies["@pulumi/pulumi"] }, label);
      }
    }
  });
});
