// The lab's stand-in for the Kubernetes provider, with the API spoken plainly (api.cjs): server-side apply of what the program declares, to
// the cluster of $KUBECONFIG. Helm releases are recorded only, and it awaits Deployments and Jobs only.
const { randomBytes } = require("node:crypto");
const { createRequire } = require("node:module");
const path = require("node:path");
const { client } = require("./api.cjs");
const { plain, hasUnknown, canonical, nameOf, typeOf } = require("./values.cjs");

const fromProject = createRequire(path.join(process.cwd(), "package.json"));
const k8s = fromProject("@kubernetes/client-node");

const MANAGER = "pulumi-lab";
const AWAIT_TIMEOUT_MS = Number(process.env.LAB_AWAIT_SECONDS ?? 600) * 1000;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

let api;
const cluster = () => {
  if (!api) {
    const config = new k8s.KubeConfig();
    config.loadFromDefault();
    api = client(config);
  }
  return api;
};

const isRelease = (urn) => typeOf(urn) === "kubernetes:helm.sh/v3:Release";

/** A Helm release is recorded and not installed: its chart can't be fetched here. */
function recordRelease(urn, inputs) {
  const { chart, version, namespace, name = nameOf(urn) } = plain(inputs);
  console.error(`lab: Helm release ${chart} ${version ?? ""} recorded, not installed`);
  return {
    id: `${namespace ?? "default"}/${name}`,
    outs: JSON.parse(
      JSON.stringify({ ...inputs, name, status: { status: "deployed", name, namespace, chart, version } }),
    ),
  };
}

const manifest = (inputs) => {
  const { id, status, ...rest } = plain(inputs);
  return rest;
};
const idOf = (object) => [object.metadata.namespace, object.metadata.name].filter(Boolean).join("/");
const annotation = (object, name) => object.metadata?.annotations?.[`pulumi.com/${name}`];
const isGone = (error) => error?.code === 404 || error?.statusCode === 404;
const message = (error) => {
  try {
    return JSON.parse(error.body).message;
  } catch {
    return error.message ?? String(error);
  }
};

async function ready(object) {
  if (annotation(object, "skipAwait") === "true") return object;
  const deadline = Date.now() + AWAIT_TIMEOUT_MS;
  for (;;) {
    const live = await cluster().read(object);
    const status = live.status ?? {};
    if (live.kind === "Deployment") {
      const wanted = live.spec.replicas ?? 1;
      if (
        status.observedGeneration >= live.metadata.generation &&
        (status.availableReplicas ?? 0) >= wanted &&
        (status.updatedReplicas ?? 0) >= wanted
      )
        return live;
    } else if (live.kind === "Job") {
      const failed = (status.conditions ?? []).find((c) => c.type === "Failed" && c.status === "True");
      if (failed) throw new Error(`Job ${idOf(live)} failed: ${failed.message}`);
      if ((status.conditions ?? []).some((c) => c.type === "Complete" && c.status === "True")) return live;
    } else {
      return live;
    }
    if (Date.now() > deadline)
      throw new Error(
        `${live.kind} ${idOf(live)} was not ready after ${AWAIT_TIMEOUT_MS / 1000} s: ${JSON.stringify(status)}`,
      );
    await sleep(500);
  }
}

async function apply(urn, inputs) {
  if (isRelease(urn)) return recordRelease(urn, inputs);
  const object = manifest(inputs);
  try {
    const applied = await cluster().apply(
      object,
      `${MANAGER}-${nameOf(urn)}`.slice(0, 120),
      annotation(object, "patchForce") === "true",
    );
    const live = await ready(applied);
    // Secrets stay as the program gave them, marked; everything else is what the cluster says.
    const outs =
      object.kind === "Secret" ? { ...live, data: inputs.data, stringData: inputs.stringData } : live;
    return { id: idOf(live), outs: JSON.parse(JSON.stringify(outs)) };
  } catch (error) {
    throw new Error(`${object.kind} ${idOf(object)}: ${message(error)}`);
  }
}

class KubernetesProvider {
  version = "4.34.2";

  async check(urn, olds, news) {
    if (typeOf(urn).startsWith("pulumi:providers:") || isRelease(urn)) return { inputs: news };
    const failures = [];
    for (const property of ["apiVersion", "kind"])
      if (!plain(news)[property]) failures.push({ property, reason: "missing" });
    const metadata = { ...(news.metadata ?? {}) };
    if (metadata.name === undefined && metadata.generateName === undefined) {
      metadata.name =
        plain(olds.metadata)?.name ?? `${nameOf(urn).toLowerCase()}-${randomBytes(4).toString("hex")}`;
    }
    return { inputs: { ...news, metadata }, failures };
  }

  async diff(_id, urn, olds, news) {
    if (isRelease(urn)) return { changes: !covers(plain(olds), plain(news)) };
    const before = manifest(olds);
    const after = manifest(news);
    const replaces = ["apiVersion", "kind"].filter((key) => before[key] !== after[key]);
    for (const key of ["name", "namespace"])
      if (
        before.metadata?.[key] !== undefined &&
        after.metadata?.[key] !== undefined &&
        before.metadata[key] !== after.metadata[key]
      )
        replaces.push(`metadata.${key}`);
    if (
      after.kind === "Job" &&
      canonical(before.spec?.template) !== canonical(after.spec?.template) &&
      !hasUnknown(news.spec)
    ) {
      // olds are outputs here, so only the fields that the program sets can be compared.
      if (!covers(before.spec?.template, after.spec?.template)) replaces.push("spec.template");
    }
    return {
      changes: replaces.length > 0 || hasUnknown(news) || !covers(before, after),
      replaces,
      deleteBeforeReplace: replaces.length > 0,
    };
  }

  create(urn, inputs) {
    return apply(urn, inputs);
  }

  async update(_id, urn, _olds, news) {
    return { outs: (await apply(urn, news)).outs };
  }

  async read(id, urn, props) {
    if (isRelease(urn)) return { id, props };
    try {
      const live = await cluster().read(manifest(props));
      return { id, props: JSON.parse(JSON.stringify(live)) };
    } catch (error) {
      if (isGone(error)) return { id: "", props: {} };
      throw new Error(message(error));
    }
  }

  async delete(_id, urn, props) {
    if (isRelease(urn)) return;
    const object = manifest(props);
    try {
      await cluster().remove(object);
      for (const deadline = Date.now() + AWAIT_TIMEOUT_MS; Date.now() < deadline; await sleep(300))
        await cluster().read(object);
      throw new Error(
        `${object.kind} ${idOf(object)} still exists ${AWAIT_TIMEOUT_MS / 1000} s after its deletion`,
      );
    } catch (error) {
      if (!isGone(error)) throw error.body ? new Error(message(error)) : error;
    }
  }
}

/** Whether every field that `wanted` sets has that value in `live`. */
function covers(live, wanted) {
  if (wanted === undefined) return true;
  if (Array.isArray(wanted))
    return (
      Array.isArray(live) && live.length === wanted.length && wanted.every((item, i) => covers(live[i], item))
    );
  if (typeof wanted === "object" && wanted !== null) {
    return (
      typeof live === "object" &&
      live !== null &&
      Object.entries(wanted).every(([key, item]) => covers(live[key], item))
    );
  }
  return live === wanted || String(live) === String(wanted);
}

fromProject("@pulumi/pulumi/provider").main(new KubernetesProvider(), process.argv.slice(2));
