import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { type Dispatcher, request } from "undici";
import { type BackOff, backOffMs } from "../backOff";
import { withDeadline } from "../deadline";
import type { CredentialFiles } from "./credentialFiles";
import { CONTEXT_PATH, CREDENTIALS_PATH } from "./paths";
import { claimsOf } from "./token";
import { unpackContext } from "./unpackContext";

export interface FetchContextArgs {
  /** Address of the builder's context port. */
  url: string;
  /** The build's token. */
  token: string;
  /** Where the context goes. What is in there is removed. */
  contextFolder: string;
  /** Where the credentials go. */
  credentialsFolder: string;
  /** How long a builder that can't answer is asked, in milliseconds. @default 600000 */
  giveUpMs?: number;
  /** Told in one line of each attempt that failed. */
  say: (line: string) => void;
  signal?: AbortSignal;
  random?: () => number;
}

const BACK_OFF: BackOff = { baseMs: 250, capMs: 5_000 };
const ATTEMPT_MS = 300_000;
/** A credential is minted in this time, or not at all. */
const HEADERS_MS = 40_000;
/** Silence after which a connection counts as broken. */
const IDLE_MS = 30_000;
const MOST_CREDENTIAL_BYTES = 1024 * 1024;
/** Answers that are the same however often one asks. */
const FINAL = [401, 403, 404, 422];

/** The builder has refused, and will again. */
class Refused extends Error {}

/**
 * What a build's init container does: fetches context and credentials, the credentials last, as their time runs from then on. A builder that
 * restarts meanwhile is asked again, from the beginning: what is there of the context is thrown away.
 * @throws Error whose message says in one line why there is no context
 */
export async function fetchContext(args: FetchContextArgs): Promise<void> {
  const { token, contextFolder, credentialsFolder } = args;
  const expected = claimsOf(token)?.context;
  if (expected === undefined) throw new Error("BUILD_TOKEN is no build's token");
  await repeatedly(args, CONTEXT_PATH, async (body, signal) => {
    await Promise.all(
      (await readdir(contextFolder)).map((name) => rm(join(contextFolder, name), { recursive: true })),
    );
    await unpackContext(body, contextFolder, expected, signal);
  });
  await repeatedly(args, CREDENTIALS_PATH, async (body) => {
    for (const [name, text] of Object.entries(await readCredentials(body)))
      // Kaniko reads them as root. No other user that a build becomes has anything to read here.
      await writeFile(join(credentialsFolder, name), text, { mode: 0o600 });
  });
}

async function repeatedly(
  { url, token, giveUpMs = 600_000, say, signal, random = Math.random }: FetchContextArgs,
  path: string,
  read: (body: Readable, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const end = performance.now() + giveUpMs;
  for (let failures = 1; ; failures += 1) {
    try {
      await withDeadline(ATTEMPT_MS, signal, async (attempt) => {
        const answer = await request(`${url.replace(/\/+$/, "")}${path}`, {
          headers: { authorization: `Bearer ${token}` },
          signal: attempt,
          headersTimeout: HEADERS_MS,
          bodyTimeout: IDLE_MS,
        });
        if (answer.statusCode === 200) await read(answer.body, attempt);
        else await refused(answer);
      });
      return;
    } catch (error) {
      const { message, code } = error as Error & { code?: string };
      const told = `${path}: ${message || (code ?? "no answer")}`;
      const wait = backOffMs(failures, BACK_OFF, random());
      if (signal?.aborted || error instanceof Refused || performance.now() + wait > end)
        throw new Error(told, { cause: error });
      say(`${told}; again in ${wait} ms`);
      await sleep(wait, undefined, signal === undefined ? {} : { signal });
    }
  }
}

async function refused({ statusCode, body }: Dispatcher.ResponseData): Promise<never> {
  const { error } = (await body.json().catch(() => ({}))) as { error?: string };
  const message = `the builder answered ${statusCode}${error === undefined ? "" : `: ${error}`}`;
  throw FINAL.includes(statusCode) ? new Refused(message) : new Error(message);
}

async function readCredentials(body: Readable): Promise<CredentialFiles> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_CREDENTIAL_BYTES) throw new Error("credentials of more than 1 MiB");
    chunks.push(chunk);
  }
  const { files } = JSON.parse(Buffer.concat(chunks).toString()) as { files: CredentialFiles };
  for (const name of Object.keys(files))
    if (!/^[a-z][a-z.-]*$/.test(name)) throw new Refused(`${JSON.stringify(name)} is no credential's file`);
  return files;
}
