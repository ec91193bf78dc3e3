import type { Environment } from "../../contract/environment";
import type { Language } from "../../contract/function/spec";
import { readImageReference } from "../../settings/scalars/imageReference";
import { UserError } from "../types";
import { compareVersions } from "./dependencies/goMod";

/** Base images that the platform offers, as the settings name them: with a tag, a digest or both. */
export interface OfferedBases {
  python: string;
  nodejs: string;
  go: string;
  goRuntime: string;
  /** On musl, smaller; taken where nothing that a function installs is compiled for glibc. */
  pythonAlpine?: string | undefined;
  nodejsAlpine?: string | undefined;
}

/** What one function's stages begin with. */
export interface Bases {
  build: string;
  runtime: string;
}

export const offeredBases = (
  environment: Pick<
    Environment,
    | "BASE_IMAGE_PYTHON"
    | "BASE_IMAGE_NODEJS"
    | "BASE_IMAGE_GO"
    | "BASE_IMAGE_GO_RUNTIME"
    | "BASE_IMAGE_PYTHON_ALPINE"
    | "BASE_IMAGE_NODEJS_ALPINE"
  >,
): OfferedBases => ({
  python: environment.BASE_IMAGE_PYTHON,
  nodejs: environment.BASE_IMAGE_NODEJS,
  go: environment.BASE_IMAGE_GO,
  goRuntime: environment.BASE_IMAGE_GO_RUNTIME,
  pythonAlpine: environment.BASE_IMAGE_PYTHON_ALPINE,
  nodejsAlpine: environment.BASE_IMAGE_NODEJS_ALPINE,
});

const FIELD = "spec.runtime.version";

/**
 * The base images of a function of one language and version. Where the offered image is of another version, its tag is that of the asked
 * one, and no digest holds it: the caller resolves every tag to a digest before it builds, and a tag that the registry doesn't have is
 * {@link versionUnavailable}.
 * @param portable nothing that the function installs is compiled for glibc
 */
export function chooseBases(
  language: Language,
  version: string,
  portable: boolean,
  offered: OfferedBases,
): Bases {
  const asked = readVersion(language, version);
  if (language === "go") {
    const { version: known } = tagOf(offered.go);
    // A newer compiler builds what an older one did; go.mod's own go line says which language it is.
    const build =
      known === undefined || compareVersions(asked, known) <= 0 ? offered.go : ofVersion(offered.go, asked);
    return { build, runtime: offered.goRuntime };
  }
  const alpine = language === "python" ? offered.pythonAlpine : offered.nodejsAlpine;
  const base = ofVersion(portable && alpine !== undefined ? alpine : offered[language], asked);
  return { build: base, runtime: base };
}

/** The numbers of a version as specs write it: `3.13`, `22.x`, `v1.26`. */
export function readVersion(language: Language, version: string): string {
  const numbers = /^(?:v|nodejs|node|python|go)?(\d{1,4}(?:\.\d{1,4}){0,2})(?:\.x)?$/i.exec(
    version.trim(),
  )?.[1];
  if (numbers !== undefined) return numbers;
  throw new UserError(
    "RuntimeVersionInvalid",
    `the version is no version; write it as in ${{ python: "3.13", nodejs: "22", go: "1.26" }[language]}`,
    FIELD,
  );
}

export const versionUnavailable = (language: Language, version: string, image: string): UserError =>
  new UserError(
    "RuntimeVersionUnavailable",
    `there is no ${language} ${version} here: the registry has no ${image}; ask for another version, or have the platform's operators add the image`,
    FIELD,
  );

/** The image itself where it is of the version, however precisely either says it; else the one of its repository whose tag says the version. */
function ofVersion(image: string, asked: string): string {
  const { version, suffix, name } = tagOf(image);
  if (version === undefined || version === asked || version.startsWith(`${asked}.`)) return image;
  return `${name}:${asked}${suffix}`;
}

/** The version in an image's tag and what follows it, as `-slim`. An image of one's own, whose tag tells no version, has none. */
function tagOf(image: string): { name: string; version: string | undefined; suffix: string } {
  const parsed = readImageReference(image);
  if (typeof parsed === "string") throw new Error(`base image ${image} ${parsed}`);
  const [, version, suffix = ""] = /^(\d+(?:\.\d+){0,2})(-[\w.-]+)?$/.exec(parsed.tag ?? "") ?? [];
  return { name: `${parsed.registry}/${parsed.repository}`, version, suffix };
}
