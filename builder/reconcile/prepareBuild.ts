import type { Environment } from "../../contract/environment";
import { chooseBases, offeredBases, versionUnavailable, type Bases } from "../build/baseImage";
import { buildHash, freshnessPeriod } from "../build/buildHash";
import { isPortable, readSource, renderBuild, type BuildPlan } from "../build/renderBuild";
import { platformOf } from "../build/platform";
import { keyOf } from "../kubernetes/objects";
import type { LambdaFunction } from "../kubernetes/resources";
import { functionsRepository } from "../registry/buildCredential";
import type { Registries } from "../registry/registries";
import { registryLayout } from "../registryLayout";
import { buildContext } from "../source/contextArchive";
import type { ContextStore } from "../source/contextStore";
import type { SourceFetcher } from "../source/sourceFetcher";
import type { ReadSecret } from "../source/secret";
import { findImage, type FoundImage } from "./findImage";
import { packageIndexes } from "./secrets";
import { NoPlaceFree, Slots } from "./slots";

export interface PrepareArgs {
  environment: Environment;
  fetcher: Pick<SourceFetcher, "fetch">;
  contexts: Pick<ContextStore, "keep">;
  registries: Registries;
  readSecret: ReadSecret;
  templateVersion: number;
  now: () => Date;
  /** Has a function looked at again: its turn has come. */
  wake: (key: string) => void;
}

/** A source, fetched and turned into what is to be built of it. */
export interface PreparedBuild extends Omit<FoundImage, "digest"> {
  plan: BuildPlan;
  /** Repository and tag, with the registry's host. */
  image: string;
  repository: string;
  revision: string;
  /** Where the registry has the image already. */
  imageDigest: string | undefined;
  /** Hash of the context, kept for a build; undefined where the image is there. */
  contextHash: string | undefined;
}

/** Sources that are on disk at once: the replica's scratch space is made for as many. */
const AT_ONCE = 4;

/** Fetches a function's source and finds out what is to be built, and whether it already has been. */
export class PrepareBuild {
  private readonly slots: Slots;

  constructor(private readonly args: PrepareArgs) {
    this.slots = new Slots(AT_ONCE, args.wake);
  }

  /** @throws UserError, InfrastructureError; NoPlaceFree where as many sources are being fetched as may be: it is not waited here */
  async prepare(fn: LambdaFunction, signal: AbortSignal): Promise<PreparedBuild> {
    const place = this.slots.take(keyOf(fn), fn.metadata.namespace ?? "");
    if (place === undefined) throw new NoPlaceFree();
    try {
      return await this.now(fn, signal);
    } finally {
      place.giveBack();
    }
  }

  /** Is told when a look at a function has ended: one that wants no place any more leaves its turn to the next. */
  looked(key: string): void {
    this.slots.looked(key);
  }

  private async now(fn: LambdaFunction, signal: AbortSignal): Promise<PreparedBuild> {
    const { environment, fetcher, contexts, registries, readSecret, templateVersion, now } = this.args;
    const { metadata, spec } = fn;
    const namespace = metadata.namespace ?? "";
    const key = { namespace, name: metadata.name };
    const tree = await fetcher.fetch({ key, source: spec.source, runtime: spec.runtime }, signal);
    try {
      const source = await readSource(tree, spec.runtime);
      const [bases, indexes] = await Promise.all([
        this.bases(fn, isPortable(source), signal),
        packageIndexes(readSecret, namespace, signal),
      ]);
      const plan = renderBuild(source, bases, indexes, templateVersion);
      const ages = plan.lockfile.kind === "ranges";
      const hash = buildHash({
        source,
        plan,
        bases,
        platform: platformOf(environment.ARCHITECTURE),
        indexes,
        forced:
          spec.build?.forceRebuild === true ? `${metadata.uid ?? ""}/${metadata.generation ?? 0}` : undefined,
        period: ages ? freshnessPeriod(source.hash, now(), environment.KANIKO_CACHE_TTL.seconds) : undefined,
      });
      const full = functionsRepository(registryLayout(environment), namespace);
      const repository = full.slice(environment.REGISTRY.length + 1);
      const place = {
        registry: registries.platform(namespace),
        repository,
        architecture: environment.ARCHITECTURE,
      };
      const { digest, ...found } = await findImage(place, hash, signal);
      let contextHash: string | undefined;
      if (digest === undefined) {
        const context = buildContext(tree, plan.extraFiles, plan.codeFolder);
        await contexts.keep(context, signal);
        contextHash = context.hash;
      }
      return {
        ...found,
        plan,
        image: `${full}:${found.tag}`,
        repository,
        revision: tree.revision,
        imageDigest: digest,
        contextHash,
      };
    } finally {
      await tree.dispose();
    }
  }

  private async bases(
    { metadata, spec }: LambdaFunction,
    portable: boolean,
    signal: AbortSignal,
  ): Promise<Bases> {
    const { environment, registries } = this.args;
    const { language, version } = spec.runtime;
    const chosen = chooseBases(language, version, portable, offeredBases(environment));
    const pin = async (image: string): Promise<string> => {
      const pinned = await registries.pinned(image, metadata.namespace ?? "", signal);
      if (pinned === undefined) throw versionUnavailable(language, version, image);
      return pinned;
    };
    return { build: await pin(chosen.build), runtime: await pin(chosen.runtime) };
  }
}
