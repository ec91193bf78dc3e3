import { contextServer } from "../../../builder/context/server";
import { all, listeningIntake } from "../../builder/intake/support/clusterOfRights";

/**
 * The builder's two servers, in a process of their own before an API server in memory: its memory is then theirs, and its file descriptors too. Says where they
 * listen, and answers each message with what it holds.
 */
async function main(): Promise<void> {
  const intake = await listeningIntake(all("ci"));
  const context = contextServer({
    openContext: () => Promise.resolve(undefined),
    credentials: () => Promise.resolve({}),
    key: () => Promise.resolve(Buffer.alloc(32, 1)),
    build: () => ({ job: undefined, pods: [] }),
  });
  const port = (url: string | undefined) => Number(new URL(url ?? "").port);
  const contextUrl = await context.listen({ port: 0, host: "127.0.0.1" });
  const connections = (server: typeof context.server) =>
    new Promise<number>((resolve) => {
      server.getConnections((_error, count) => {
        resolve(count);
      });
    });
  process.on("message", () => {
    void Promise.all([connections(intake.servers.http.server), connections(context.server)]).then(
      ([http, held]) => {
        process.send?.({
          megabytes: process.memoryUsage().rss / 2 ** 20,
          connections: { intake: http, context: held },
          functions: [...intake.api.objects.keys()].filter((path) => path.includes("lambdafunctions")).length,
        });
      },
    );
  });
  process.on("disconnect", () => process.exit());
  process.send?.({ intake: port(intake.http), context: port(contextUrl) });
}

void main();
