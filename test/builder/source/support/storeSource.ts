import assert from "node:assert/strict";
import { type SourceFetcher } from "../../../../builder/source/sourceFetcher";
import { bucketAt, type FetcherOptions, fetcherFor, requestFor } from "./fetchers";
import { answerStore, type Loopback, loopback } from "./servers";
import { contentsOf, everythingIn, workFolder } from "./trees";

/** A store on the loopback, which is the platform's, MinIO and Cloud Storage, for the suite that calls it. */
export function storeSource(): {
  server: Loopback;
  /** Objects by `bucket/key`. Each test starts with none. */
  objects: Map<string, Buffer>;
  newFetcher: (options?: FetcherOptions) => SourceFetcher;
  /** Contents by path of what a source holds. */
  read: (source: Record<string, unknown>, options?: FetcherOptions) => Promise<Record<string, string>>;
  /** A source in the bucket `code`. */
  minio: (key: string, more?: Record<string, unknown>) => Record<string, unknown>;
} {
  const folder = workFolder();
  const server = loopback();
  const objects = new Map<string, Buffer>();
  const { signal } = new AbortController();

  beforeEach(() => {
    objects.clear();
    server.answer = answerStore(objects);
  });
  afterEach(async () => {
    assert.deepEqual(await everythingIn(folder()), []);
  });

  const newFetcher = (options: FetcherOptions = {}) =>
    fetcherFor(folder(), { platformBucket: bucketAt(server.url), gcsEndpoint: server.url, ...options });
  return {
    server,
    objects,
    newFetcher,
    read: async (source, options) => {
      const tree = await newFetcher(options).fetch(requestFor(source), signal);
      try {
        return await contentsOf(tree);
      } finally {
        await tree.dispose();
      }
    },
    minio: (key, more = {}) => ({
      type: "minio",
      minio: { endpoint: `127.0.0.1:${server.port}`, bucket: "code", key, ...more },
    }),
  };
}
