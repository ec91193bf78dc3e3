import { randomBytes } from "node:crypto";
import { BUILD_TOKEN_SECRET } from "../../contract/names";
import { isConflict } from "../kubernetes/apiError";
import type { KubernetesClient } from "../kubernetes/client";
import { type Secret, SECRETS } from "../kubernetes/resources";
import { InfrastructureError } from "../types";

/** Key of the Secret's data. */
const DATA_KEY = "key";
const KEY_BYTES = 32;
/** After which the Secret is read anew: all replicas have a new key a minute after it was changed. */
const KEEP_MS = 60_000;

/** The key of the one-build tokens, which all replicas share by a Secret. Whoever finds the Secret empty fills it. */
export class TokenKey {
  private current: { key: Buffer; readAt: number } | undefined;
  private reading: Promise<Buffer> | undefined;

  /** @param namespace The builder's own */
  constructor(
    private readonly client: KubernetesClient,
    private readonly namespace: string,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @throws InfrastructureError where it can't be read and never was */
  async get(): Promise<Buffer> {
    const { current } = this;
    if (current && this.now() - current.readAt < KEEP_MS) return current.key;
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    try {
      return await this.reading;
    } catch (error) {
      // An API server that is gone takes no build's context away.
      if (current) return current.key;
      throw error;
    }
  }

  private async read(): Promise<Buffer> {
    const found = await this.secret();
    const key = keyIn(found) ?? (await this.fill(found));
    this.current = { key, readAt: this.now() };
    return key;
  }

  /** Fills the Secret that was found empty. Another replica may have been first: then its key is the one. */
  private async fill(found: Secret): Promise<Buffer> {
    const key = randomBytes(KEY_BYTES);
    const { resourceVersion } = found.metadata;
    try {
      await this.client.merge(
        SECRETS,
        { namespace: this.namespace, name: BUILD_TOKEN_SECRET },
        { metadata: { resourceVersion }, data: { [DATA_KEY]: key.toString("base64") } },
      );
      return key;
    } catch (error) {
      if (!isConflict(error)) throw error;
      const theirs = keyIn(await this.secret());
      if (theirs) return theirs;
      throw error;
    }
  }

  private async secret(): Promise<Secret> {
    const secret = await this.client.get(SECRETS, { namespace: this.namespace, name: BUILD_TOKEN_SECRET });
    if (secret) return secret;
    throw new InfrastructureError(
      "BuildTokenKeyMissing",
      `Secret ${this.namespace}/${BUILD_TOKEN_SECRET} is missing, which the platform's program makes`,
    );
  }
}

/** @throws InfrastructureError where it holds a key that is too short to keep anything */
function keyIn({ data }: Secret): Buffer | undefined {
  const text = data?.[DATA_KEY];
  if (text === undefined) return undefined;
  const key = Buffer.from(text, "base64");
  if (key.length >= KEY_BYTES) return key;
  throw new InfrastructureError(
    "BuildTokenKeyInvalid",
    `Secret ${BUILD_TOKEN_SECRET} holds a key of ${key.length} bytes; take its data away, and it is filled anew`,
  );
}
