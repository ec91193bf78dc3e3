/** A resource in a state, as `pulumi stack export` has it: what is looked at. */
export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** What was under way when an update ended too early. */
export interface PendingOperation {
  type: "creating" | "updating" | "deleting" | "reading" | "importing";
  resource: StateResource;
}

/** The `deployment` of an exported state: what is looked at. Everything else in it is kept. */
export interface Deployment {
  resources?: StateResource[];
  pending_operations?: PendingOperation[];
}

/** How to go on after an interrupted update. */
export interface Recovery {
  /** Pending creations whose ID is known beforehand: taken into the state, where a refresh keeps what was made and drops what wasn't. */
  adopt: StateResource[];
  /** URNs of pending updates, deletions and reads: a refresh reads what became of them. */
  refresh: string[];
  /** Pending creations whose ID only the provider knew: somebody must look. */
  look: StateResource[];
}

/** Types that have their name for an ID, and the input that it is in. */
const NAMED: Readonly<Record<string, string>> = {
  "aws:cloudwatch/logGroup:LogGroup": "name",
  "aws:ecr/repository:Repository": "name",
  "aws:eks/cluster:Cluster": "name",
  "aws:iam/role:Role": "name",
  "aws:s3/bucket:Bucket": "bucket",
};

/** The ID that a resource has once it is made, where its inputs tell it. Every name in this program is fixed. */
export function knownId({ type, inputs = {} }: StateResource): string | undefined {
  const text = (value: unknown): string | undefined =>
    typeof value === "string" && value !== "" ? value : undefined;
  // A chart that was interrupted is for Helm to finish or to take back: its release alone says nothing of what it made.
  if (type.startsWith("kubernetes:helm.sh/")) return undefined;
  if (type.startsWith("kubernetes:")) {
    const { name, namespace } = (inputs["metadata"] ?? {}) as Record<string, unknown>;
    return text(name) === undefined ? undefined : [text(namespace), text(name)].filter(Boolean).join("/");
  }
  const property = NAMED[type];
  return property === undefined ? undefined : text(inputs[property]);
}

/** What to do about each operation that is pending in a state. */
export function recovery({ resources = [], pending_operations = [] }: Deployment): Recovery {
  const inState = new Set(resources.map(({ urn }) => urn));
  const plan: Recovery = { adopt: [], refresh: [], look: [] };
  for (const { type, resource } of pending_operations) {
    if (type !== "creating" && type !== "importing") {
      if (inState.has(resource.urn)) plan.refresh.push(resource.urn);
      continue;
    }
    const id = knownId(resource);
    // One that is in the state already was being replaced: which of the two the ID names can't be told.
    if (id === undefined || inState.has(resource.urn)) plan.look.push(resource);
    else plan.adopt.push({ ...resource, id });
  }
  return plan;
}

/**
 * A deployment that has the adopted resources and nothing pending. What they depend on was made before them: they go last. Their inputs stand
 * for their outputs until they are read, as a provider may look in those for what to read.
 */
export const adopted = (deployment: Deployment, resources: readonly StateResource[]): Deployment => ({
  ...deployment,
  resources: [
    ...(deployment.resources ?? []),
    ...resources.map((resource) => ({ ...resource, outputs: resource.inputs ?? {} })),
  ],
  pending_operations: [],
});
