import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** As much of a CycloneDX document as is used (cyclonedx.org: specification 1.5). */
export interface Bom {
  serialNumber?: string | undefined;
  metadata: { timestamp?: string | undefined; component: Component } & Record<string, unknown>;
  components: Component[];
  dependencies: { ref: string; dependsOn?: string[] }[];
  [more: string]: unknown;
}

export interface Component {
  "bom-ref": string;
  type: string;
  name: string;
  version?: string;
  [more: string]: unknown;
}

/** The packages of package-lock.json, by their folders. */
export type LockedPackages = Readonly<Record<string, { version?: string; dev?: boolean }>>;

/**
 * What npm knows of all packages: with licences and hashes, from the lockfile. Those for development too: asked to leave them out, npm leaves out
 * what they share with what runs.
 */
export async function packagesBom(projectFolder: string): Promise<Bom> {
  const { stdout } = await promisify(execFile)(
    "npm",
    ["sbom", "--sbom-format=cyclonedx", "--sbom-type=application", "--package-lock-only"],
    { cwd: projectFolder, maxBuffer: 64 * 1024 * 1024 },
  );
  return JSON.parse(stdout) as Bom;
}

/** A package's folder, of a file in it; undefined for the project's own. */
const packageFolder = (path: string): string | undefined =>
  /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];

/**
 * The bill of materials of the builder's image: what is in its one file, and what it lies on. The same for the same sources and lockfile: it says no time and
 * has no number of its own.
 * @param all {@link packagesBom}
 * @param inputs the files of the bundle
 * @throws Error for a package in the bundle that isn't a dependency of what runs
 */
export function imageBom(
  all: Bom,
  inputs: readonly string[],
  locked: LockedPackages,
  image: { name: string; base: string },
): Bom {
  const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined));
  const bundled = new Set<string>();
  for (const folder of folders) {
    const name = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
    const { version, dev } = locked[folder] ?? {};
    if (version === undefined || dev === true)
      throw new Error(`the bundle holds ${name}, which is no dependency of what runs`);
    bundled.add(`${name}@${version}`);
  }
  const components = all.components.filter((component) => bundled.has(component["bom-ref"]));
  const known = new Set(components.map((component) => component["bom-ref"]));

  const { component: project } = all.metadata;
  const root = project["bom-ref"];
  return {
    ...all,
    serialNumber: undefined,
    metadata: {
      ...all.metadata,
      timestamp: undefined,
      component: { ...project, type: "container", name: image.name },
    },
    components: [{ "bom-ref": image.base, type: "container", name: image.base }, ...components],
    dependencies: all.dependencies
      .filter(({ ref }) => ref === root || known.has(ref))
      .map(({ ref, dependsOn = [] }) => ({
        ref,
        dependsOn: [...(ref === root ? [image.base] : []), ...dependsOn.filter((on) => known.has(on))],
      })),
  };
}
