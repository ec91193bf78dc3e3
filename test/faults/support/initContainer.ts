import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { CONTEXT_CONTAINER } from "../../../builder/build/buildJob";
import { fetchContext } from "../../../builder/context/fetchContext";
import type { Pod } from "../../../builder/kubernetes/resources";

/**
 * Plays a build's init container: fetches the context as it does, and answers the one file of the source. So what an image is made to hold is what
 * its builder handed out.
 */
export async function sourceOf({ spec }: Pod, signal: AbortSignal): Promise<string> {
  const { env = [] } = spec?.initContainers?.find(({ name }) => name === CONTEXT_CONTAINER) ?? {};
  const valueOf = (variable: string): string => env.find(({ name }) => name === variable)?.value ?? "";
  const folder = await mkdtemp(join(tmpdir(), "context-"));
  const credentials = await mkdtemp(join(tmpdir(), "credentials-"));
  try {
    await fetchContext({
      url: valueOf("CONTEXT_URL"),
      token: valueOf("BUILD_TOKEN"),
      contextFolder: folder,
      credentialsFolder: credentials,
      giveUpMs: 60_000,
      say: () => undefined,
      signal,
    });
    const file = (await readdir(folder, { recursive: true })).find((path) => basename(path) === "main.py");
    return await readFile(join(folder, file ?? "main.py"), "utf8");
  } finally {
    await rm(folder, { recursive: true });
    await rm(credentials, { recursive: true });
  }
}
