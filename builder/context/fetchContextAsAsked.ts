import { z } from "zod";
import { fetchContext } from "./fetchContext";

const text = z.string().min(1, "is empty");

/** What a build's Job tells its init container. */
const environment = z.object({
  CONTEXT_URL: z.url(),
  BUILD_TOKEN: text,
  CONTEXT_FOLDER: text,
  CREDENTIALS_FOLDER: text,
});

/**
 * Runs as a build's init container: fetches what its environment asks for.
 * @throws Error whose message says in one line why there is no context
 */
export async function fetchContextAsAsked(variables: NodeJS.ProcessEnv): Promise<void> {
  const read = environment.safeParse(variables);
  if (!read.success)
    throw new Error(read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
  const { CONTEXT_URL, BUILD_TOKEN, CONTEXT_FOLDER, CREDENTIALS_FOLDER } = read.data;
  const stop = new AbortController();
  process.once("SIGTERM", () => {
    stop.abort(new Error("SIGTERM"));
  });
  await fetchContext({
    url: CONTEXT_URL,
    token: BUILD_TOKEN,
    contextFolder: CONTEXT_FOLDER,
    credentialsFolder: CREDENTIALS_FOLDER,
    say: (line) => {
      console.error(line);
    },
    signal: stop.signal,
  });
}
