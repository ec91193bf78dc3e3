import { basename } from "node:path";
import { readEnvironment } from "./environment";
import { KubeConfigConnection } from "./kubernetes/connection";
import { logger } from "./logger";
import { startTracing } from "./tracing";
import { runService } from "./service";

/** The service: runs until SIGTERM or SIGINT, drains, and ends. */
export async function main(): Promise<void> {
  const environment = readEnvironment(process.env);
  const log = logger(environment);
  const connection = KubeConfigConnection.load();
  const tracing = startTracing(process.env);
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const)
    process.once(name, () => {
      log.info({ signal: name }, "stopping");
      stop.abort(new DOMException(name, "AbortError"));
    });
  log.info({ server: connection.server }, "starting");
  try {
    await runService({ environment, connection, tracing, log }, stop.signal);
  } finally {
    await tracing.stop();
    await connection.close();
  }
  log.info({}, "stopped");
}

// From the source. In the bundle it is entry.ts that begins, and there all files are one.
if (basename(process.argv[1] ?? "") === "main.ts")
  main().catch((error: unknown) => {
    console.error((error as Error).message);
    process.exitCode = 1;
  });
