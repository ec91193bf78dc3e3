import { type FunctionSpec } from "../../contract/function/spec";
import { type FunctionSource, type SourceType } from "../../contract/function/source";
import { type FunctionKey, InfrastructureError, type SourceTree, UserError } from "../types";
import { AddressGuard, type Resolve } from "./address/addressGuard";
import { GuardedAgents } from "./address/guardedAgents";
import { singleFileName } from "./fileNames";
import { readGit } from "./git/readGit";
import { Repository } from "./git/repository";
import { readInline } from "./inline";
import { type SourceLimits } from "./limits";
import { basicAuthorization, type NamedSecret, type ReadSecret } from "./secret";
import { settledSoon } from "./settledSoon";
import { shown } from "./sourcePath";
import { type Access, gcsBucket, type KeySource, minioBucket, s3Bucket } from "./store/locate";
import { Bucket } from "./store/objectStore";
import { checkOwnKey, type PlatformBucket } from "./store/platformBucket";
import { readKey } from "./store/readKey";
import { TreeWriter } from "./treeWriter";

export interface SourceFetcherOptions {
  /** Existing folder with room for the largest source, and for its archive, of every fetch that runs at once. */
  workFolder: string;
  limits: SourceLimits;
  /** Hosts, or patterns with a leading `*.`, inside the cluster or the VPC that sources may come from. */
  internalHosts: readonly string[];
  platformBucket: PlatformBucket;
  readSecret: ReadSecret;
  /** @default the system's resolver */
  resolve?: Resolve | undefined;
  /** Endpoint of Cloud Storage. @default https://storage.googleapis.com */
  gcsEndpoint?: string | undefined;
}

export interface SourceRequest {
  key: FunctionKey;
  source: FunctionSource;
  runtime: Pick<FunctionSpec["runtime"], "language" | "handler">;
}

const SECRET_NAME = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** What reading one source needs. */
interface Reading extends SourceRequest {
  tree: TreeWriter;
  agents: GuardedAgents;
  signal: AbortSignal;
}

/** Fetches functions' sources. */
export class SourceFetcher {
  private readonly guard: AddressGuard;

  constructor(private readonly options: SourceFetcherOptions) {
    this.guard = new AddressGuard(options);
  }

  /**
   * Fetches a source of any type but `image`, checks it and lays it out on disk. Whoever gets the tree disposes of it.
   *
   * @throws UserError for what its author has to mend, InfrastructureError for what may pass, and the signal's reason where it was called off.
   */
  async fetch(request: SourceRequest, signal: AbortSignal): Promise<SourceTree> {
    const { limits, workFolder } = this.options;
    const { type } = request.source;
    const field = `spec.source.${type}`;
    const deadline = AbortSignal.timeout(limits.seconds * 1000);
    const tree = await TreeWriter.create({ workFolder, limits, field });
    const agents = new GuardedAgents(this.guard, field);
    try {
      const reading = { ...request, tree, agents, signal: AbortSignal.any([signal, deadline]) };
      return await tree.finish(await settledSoon(this.read(reading), reading.signal));
    } catch (error) {
      await tree.discard();
      signal.throwIfAborted();
      if (error instanceof UserError) throw error;
      if (deadline.aborted)
        throw new InfrastructureError("SourceTimedOut", `the source took longer than ${limits.seconds} s`);
      if (error instanceof InfrastructureError) throw error;
      throw new InfrastructureError(
        "SourceFetchFailed",
        `the source can't be fetched: ${(error as Error).message}`,
        {
          cause: error,
        },
      );
    } finally {
      agents.destroy();
    }
  }

  /** Answers what names the version, where the source says it. */
  private async read(reading: Reading): Promise<string | undefined> {
    const { source, runtime, tree } = reading;
    switch (source.type) {
      case "inline":
        await readInline(given(source, "inline"), runtime, tree);
        return undefined;
      case "git":
        return this.readGit(given(source, "git"), reading);
      case "s3":
        return this.readS3(given(source, "s3"), reading);
      case "minio": {
        const minio = given(source, "minio");
        return this.readStore(minioBucket(minio, await this.access(minio, reading)), minio, reading);
      }
      case "gcs": {
        const gcs = given(source, "gcs");
        const bucket = gcsBucket(gcs, await this.access(gcs, reading), this.options.gcsEndpoint);
        return this.readStore(bucket, gcs, reading);
      }
      case "image":
        throw new Error("an image has no source to fetch");
    }
  }

  private async readGit(source: NonNullable<FunctionSource["git"]>, reading: Reading): Promise<string> {
    const { agents, runtime, signal, tree } = reading;
    const secret = await this.secret(source.secretRef, reading);
    const repository = new Repository({
      url: source.url,
      authorization: secret && basicAuthorization(secret),
      agents,
      guard: this.guard,
      signal,
    });
    const fileName = (name: string) => singleFileName(name, runtime);
    return readGit({ source, repository, limits: this.options.limits, fileName, signal }, tree);
  }

  private async readS3(
    source: NonNullable<FunctionSource["s3"]>,
    reading: Reading,
  ): Promise<string | undefined> {
    const access = await this.access(source, reading);
    if (access.secret !== undefined) return this.readStore(s3Bucket(source, access), source, reading);
    const { platformBucket } = this.options;
    if (source.bucket !== platformBucket.name)
      throw new UserError(
        "SourceForbidden",
        `without a Secret only the platform's bucket ${platformBucket.name} can be read; name a Secret in spec.source.s3.secretRef`,
        "spec.source.s3.bucket",
      );
    checkOwnKey(reading.key.namespace, source.key, "spec.source.s3.key");
    return this.readStore(new Bucket(platformBucket.client, platformBucket.name), source, reading, true);
  }

  private readStore(
    bucket: Bucket,
    source: KeySource,
    { tree, runtime, signal, source: { type } }: Reading,
    ours = false,
  ): Promise<string | undefined> {
    const place = {
      what: shown(`${type === "gcs" ? "gs" : "s3"}://${source.bucket}/${source.key}`),
      field: `spec.source.${type}.key`,
      ours,
    };
    const fileName = (name: string) => singleFileName(name, runtime);
    return readKey({ bucket, key: source.key, place, limits: this.options.limits, fileName, signal }, tree);
  }

  private async access(
    source: { secretRef?: { name: string } | undefined },
    reading: Reading,
  ): Promise<Access> {
    return { secret: await this.secret(source.secretRef, reading), agents: reading.agents };
  }

  /** The Secret that a source names, or undefined where it names none. */
  private async secret(
    ref: { name: string } | undefined,
    { key, source, signal }: Reading,
  ): Promise<NamedSecret | undefined> {
    // The API has long allowed "" in references, for none.
    if (ref === undefined || ref.name === "") return undefined;
    const field = `spec.source.${source.type}.secretRef.name`;
    // The name goes into a path of the API server: what can't be a name is not asked for.
    const data = SECRET_NAME.test(ref.name)
      ? await this.options.readSecret(key.namespace, ref.name, signal)
      : undefined;
    if (data === undefined)
      throw new UserError(
        "SecretNotFound",
        `there is no Secret ${shown(ref.name)} in ${key.namespace}`,
        field,
      );
    return { name: ref.name, field, data };
  }
}

/** The source of the type that is named. The API server has checked that it is there; an event's source comes by here too. */
function given<Type extends SourceType>(
  source: FunctionSource,
  type: Type,
): NonNullable<FunctionSource[Type]> {
  const found = source[type];
  if (!found)
    throw new UserError("SourceInvalid", "the source that type names is missing", `spec.source.${type}`);
  return found;
}
