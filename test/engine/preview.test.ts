import assert from "node:assert/strict";
import { resolve } from "node:path";
import { evaluate } from "../../preview/evaluate";
import { type Registration, UNKNOWN } from "../../preview/recordingMonitor";
import { readStackFile, stacksIn } from "../../preview/stackFile";
import { describeWith, programs } from "../support/requirements";
import { Workspace } from "../support/workspace";

const PROJECT_FOLDER = resolve(__dirname, "..", "..");

/** A resource as `pulumi preview --json` tells it. */
interface Planned {
  urn: string;
  type: string;
  custom: boolean;
  parent?: string;
  protect?: boolean;
  retainOnDelete?: boolean;
  inputs?: Record<string, unknown>;
}
interface Plan {
  steps: { op: string; newState: Planned }[];
}

interface Compared {
  urn: string;
  type: string;
  parent: string;
  protect: boolean;
  retainOnDelete: boolean;
  inputs: unknown;
}

/** Types whose instances a provider makes out of several resources that only the engine sees. */
const REMOTE = ["eks:index:Cluster"];
const isBelowRemote = (urn: string): boolean =>
  REMOTE.some((type) => (urn.split("::")[2] ?? "").includes(`${type}$`));

/** Default providers are the engine's own, made of `aws:region` and the versions of the SDKs. */
const isDefaultProvider = ({ urn, type }: Planned): boolean =>
  type.startsWith("pulumi:providers:") && /::default(_|$)/.test(urn);

/** The engine writes into a provider which plugin it runs; the program gave that as an option. */
const inputsOf = ({ type, inputs = {} }: Pick<Planned, "type" | "inputs">): Record<string, unknown> => {
  if (REMOTE.includes(type)) return {};
  return type.startsWith("pulumi:providers:") ? { ...inputs, version: undefined } : inputs;
};

const planned = ({ urn, type, parent, protect, retainOnDelete, inputs }: Planned): Compared => ({
  urn,
  type,
  parent: parent ?? "",
  protect: protect ?? false,
  retainOnDelete: retainOnDelete ?? false,
  inputs: comparable(inputsOf({ type, ...(inputs === undefined ? {} : { inputs }) })),
});

const registered = ({ urn, type, parent, protect, retainOnDelete, inputs }: Registration): Compared => ({
  urn,
  type,
  parent,
  protect,
  retainOnDelete,
  inputs: comparable(inputsOf({ type, inputs })),
});

/** Inputs with secrets and the SDK's own marks made alike; everything else as it is. */
function comparable(value: unknown): unknown {
  if (value === UNKNOWN) return "[unknown]";
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== "object" || value === null) return value;
  if ("4dabf18193072939515e22adb298388d" in value) return "[secret]";
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "__defaults" && key !== "__internal")
      .map(([key, item]) => [key, comparable(item)]),
  );
}

describeWith(
  [programs("pulumi", "pulumi-resource-aws", "pulumi-resource-eks", "pulumi-resource-kubernetes")],
  "the engine's preview",
  () => {
    const workspace = new Workspace();
    after(() => {
      workspace.dispose();
    });

    /** What no stack file of the project turns on. */
    const OPTIONS: readonly (readonly [path: readonly string[], value: unknown])[] = [
      [["budget", "monthlyUsd"], 1500],
      [["budget", "emails"], ["platform@example.com"]],
      [["budget", "activateCostAllocationTag"], true],
      [["knative", "domain"], "functions.example.com"],
      [["knative", "loadBalancer"], "internet-facing"],
      [
        ["knative", "certificateArn"],
        "arn:aws:acm:us-west-2:123456789012:certificate/1234abcd-12ab-34cd-56ef-1234567890ab",
      ],
      [["builderService", "eventSenders"], ["default"]],
      [["sources", "packageIndexes"], ["*.example.com"]],
    ];

    /** The engine's plan and the offline one, held against each other. */
    async function assertSame(stack: string, sets: readonly string[]): Promise<readonly Compared[]> {
      const { stdout } = await workspace.pulumiOk("preview", "--stack", stack, "--json");
      const { steps } = JSON.parse(stdout) as Plan;
      assert.deepEqual([...new Set(steps.map(({ op }) => op))], ["create"]);
      const engine = steps
        .map(({ newState }) => newState)
        .filter((resource) => !isDefaultProvider(resource) && !isBelowRemote(resource.urn))
        .map(planned);
      const { registrations } = await evaluate(readStackFile(PROJECT_FOLDER, stack, sets));
      const offline = registrations.map(registered);

      const urns = (resources: readonly Compared[]): string[] => resources.map(({ urn }) => urn).sort();
      assert.deepEqual(urns(offline), urns(engine));
      const byUrn = new Map(engine.map((resource) => [resource.urn, resource]));
      for (const resource of offline) assert.deepEqual(resource, byUrn.get(resource.urn), resource.urn);
      return engine;
    }

    for (const stack of stacksIn(PROJECT_FOLDER)) {
      it(`plans ${stack} as npm start shows it: type, name, parent, protection and inputs of every resource`, async () => {
        await workspace.init(stack);
        await assertSame(stack, []);
      });
    }

    it("plans likewise what no stack file turns on: a budget, a public load balancer, brokers, package indexes by name", async () => {
      for (const [path, value] of OPTIONS)
        workspace.setInStackFile("prod", [`knative-lambda:${path[0] ?? ""}`, ...path.slice(1)], value);
      const engine = await assertSame(
        "prod",
        OPTIONS.map(([path, value]) => `${path.join(".")}=${JSON.stringify(value)}`),
      );
      const types = engine.map(({ type }) => type);
      assert.ok(types.includes("aws:budgets/budget:Budget"));
      assert.equal(
        types.filter((type) => type === "aws:costexplorer/costAllocationTag:CostAllocationTag").length,
        2,
      );
      const balancers = engine.filter(
        ({ inputs }) => (inputs as { spec?: { type?: string } }).spec?.type === "LoadBalancer",
      );
      assert.equal(balancers.length, 1);
    });
  },
);
