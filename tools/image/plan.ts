import { type ImageReference, readImageReference, type Settings } from "../../settings";
import { UsageError } from "../../preview/usageError";

/** What builds and pushes images here. All three take the same commands; only where TLS is told about do they differ. */
export const BUILDERS = ["docker", "podman", "buildah"] as const;
export type ImageBuilder = (typeof BUILDERS)[number];

/** What is to be built, and where it goes. */
export interface ImagePlan {
  /** `registry/repository:tag`. */
  image: string;
  reference: ImageReference;
  /** As images name it. */
  platform: "linux/amd64" | "linux/arm64";
  /** Node.js, where it is not the Dockerfile's own. */
  base: string | undefined;
  /** The registry speaks plain HTTP. */
  insecure: boolean;
}

export interface Asked {
  /** Another image than the stack's. */
  image?: string | undefined;
  /** Another base than the stack's. */
  base?: string | undefined;
}

/**
 * The builder's image as a stack runs it.
 * @param account asked for only where the stack file names no image, which then lies in the account's ECR
 * @param version this project's
 * @throws UsageError
 */
export async function imagePlan(
  settings: Settings,
  asked: Asked,
  account: () => Promise<string>,
  version: string,
): Promise<ImagePlan> {
  const { builderService, imageRepositories, platform, region, target } = settings;
  const named =
    asked.image ??
    builderService.image ??
    `${await account()}.dkr.ecr.${region ?? ""}.amazonaws.com/${imageRepositories.builder}:${version}`;
  const reference = readImageReference(named);
  if (typeof reference === "string") throw new UsageError(`the image ${named} ${reference}`);
  const { registry, repository, tag } = reference;
  if (tag === undefined)
    throw new UsageError(
      `the image ${named} has a digest only; give the tag to push, as in IMAGE=…:${version}`,
    );
  return {
    image: `${registry}/${repository}:${tag}`,
    reference: { registry, repository, tag },
    platform: `linux/${platform.architecture}`,
    // A stack that brings its own images may be out of reach of public ones.
    base: asked.base ?? (target === "cluster" ? imageRepositories.baseImages.nodejs : undefined),
    insecure: imageRepositories.insecure && registry === imageRepositories.registry,
  };
}

/** One call of a program. */
export type Command = readonly string[];

/** The commands that build the image from the bundle, and push it. */
export function imageCommands(builder: ImageBuilder, plan: ImagePlan): Command[] {
  // Docker's daemon has a list of its own of registries without TLS.
  const tls = plan.insecure && builder !== "docker" ? ["--tls-verify=false"] : [];
  const base = plan.base === undefined ? [] : ["--build-arg", `BASE=${plan.base}`];
  return [
    [
      builder,
      "build",
      ...tls,
      ...["--file", "builder/Dockerfile", "--platform", plan.platform],
      ...["--build-arg", "BUNDLE=given", ...base],
      ...["--tag", plan.image, "."],
    ],
    [builder, "push", ...tls, plan.image],
  ];
}

/** Logs in to a registry; the password is read from the standard input. */
export const loginCommand = (builder: ImageBuilder, registry: string, username: string): Command => [
  builder,
  "login",
  "--username",
  username,
  "--password-stdin",
  registry,
];
