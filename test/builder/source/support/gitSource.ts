import assert from "node:assert/strict";
import { type SourceTree } from "../../../../builder/types";
import { type FetcherOptions, fetcherFor, requestFor } from "./fetchers";
import { GitObjects } from "./gitObjects";
import { type GitServer, type Loopback, loopback } from "./servers";
import { everythingIn, workFolder } from "./trees";

/** A git server, and a fetcher of what it serves, for the suite that calls it. */
export function gitSource(): {
  fetch: (git?: Record<string, unknown>, options?: FetcherOptions) => Promise<SourceTree>;
  server: Loopback;
} {
  const folder = workFolder();
  const server = loopback();
  const { signal } = new AbortController();

  afterEach(async () => {
    const left = (await everythingIn(folder())).filter((path) => path.endsWith(".pack"));
    assert.deepEqual(left, []);
  });

  return {
    server,
    fetch: (git = {}, options = {}) => {
      const source = { type: "git", git: { url: `${server.url}/team/functions.git`, ...git } };
      return fetcherFor(folder(), options).fetch(requestFor(source), signal);
    },
  };
}

/** A repository with these files on its branch `main`. */
export function repository(
  files: Parameters<GitObjects["tree"]>[0],
  more: Partial<GitServer> = {},
): GitServer {
  const objects = new GitObjects();
  const commit = objects.commit(objects.tree(files));
  return { objects, refs: { HEAD: commit, "refs/heads/main": commit }, ...more };
}
