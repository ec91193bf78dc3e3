// The Kubernetes API over plain HTTP: objects go out and come back as they are. The object API of @kubernetes/client-node passes them
// through its typed models, which know `default`, `enum`, `from` and `x-kubernetes-…` only under other names and drop them unseen.
const https = require("node:https");

const agent = new https.Agent({ keepAlive: true, maxSockets: 8 });

function client(config) {
  const plurals = new Map();

  async function request(method, path, body, contentType) {
    const url = new URL(path, config.getCurrentCluster().server);
    const options = {
      method,
      agent,
      headers: { accept: "application/json", ...(contentType ? { "content-type": contentType } : {}) },
    };
    await config.applyToHTTPSOptions(options);
    options.agent = agent;
    return new Promise((resolve, reject) => {
      const call = https.request(url, options, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString();
          if (response.statusCode < 300) return resolve(JSON.parse(text));
          const error = new Error(text);
          error.code = response.statusCode;
          error.body = text;
          reject(error);
        });
      });
      call.on("error", reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** The path of an object's kind, as the API server's discovery has it. A kind that a CRD adds later is asked for again. */
  async function collection({ apiVersion, kind, metadata }) {
    const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const key = `${apiVersion}/${kind}`;
    if (!plurals.has(key)) {
      const { resources } = await request("GET", root);
      const found = resources.find((resource) => resource.kind === kind && !resource.name.includes("/"));
      if (!found) throw new Error(`the API server knows no ${kind} of ${apiVersion}`);
      plurals.set(key, found);
    }
    const { name, namespaced } = plurals.get(key);
    return namespaced ? `${root}/namespaces/${metadata.namespace ?? "default"}/${name}` : `${root}/${name}`;
  }

  const path = async (object) => `${await collection(object)}/${object.metadata.name}`;
  return {
    read: async (object) => request("GET", await path(object)),
    apply: async (object, manager, force) =>
      request(
        "PATCH",
        `${await path(object)}?fieldManager=${encodeURIComponent(manager)}&force=${force}`,
        object,
        "application/apply-patch+yaml",
      ),
    remove: async (object) => request("DELETE", `${await path(object)}?propagationPolicy=Foreground`),
  };
}

module.exports = { client };
