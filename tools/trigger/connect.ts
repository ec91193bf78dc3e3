import { type ChildProcess, spawn } from "node:child_process";
import { BUILDER, PORTS, SYSTEM_NAMESPACE, TRIGGER_SERVICE_ACCOUNT } from "../../contract/names";
import { UsageError } from "../../preview/usageError";
import type { Kubectl } from "./kubectl";

/** Where the builder answers, and as whom it is spoken to. */
export interface Connection {
  url: string;
  token: string;
  close(): void;
}

const FORWARD_MS = 20_000;

/**
 * BUILDER_URL and BUILDER_TOKEN where they are given; else a port-forward and a token of ten minutes, for the service account that may
 * edit functions and nothing more.
 */
export async function connect(
  environment: Readonly<Record<string, string | undefined>>,
  kubectl: Kubectl,
  program = "kubectl",
): Promise<Connection> {
  const given = environment["BUILDER_URL"] ?? "";
  if (given !== "" && !URL.canParse(given))
    throw new UsageError(`BUILDER_URL=${given} is no URL; write it as in http://127.0.0.1:8080`);
  const token = environment["BUILDER_TOKEN"] ?? "";
  const own = token !== "" ? token : await createToken(kubectl);
  if (given !== "") return { url: given, token: own, close: () => undefined };
  const forward = await portForward(program);
  return { ...forward, token: own };
}

const createToken = async (kubectl: Kubectl): Promise<string> =>
  (
    await kubectl(
      ...["create", "token", TRIGGER_SERVICE_ACCOUNT],
      ...["--namespace", SYSTEM_NAMESPACE, "--duration=10m"],
    )
  ).trim();

/** Forwards a free port of this machine to the builder's, until it is closed. */
function portForward(program: string): Promise<Omit<Connection, "token">> {
  const child: ChildProcess = spawn(
    program,
    ["port-forward", "--namespace", SYSTEM_NAMESPACE, `service/${BUILDER}`, `:${PORTS.http}`],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const close = (): void => {
    child.kill();
  };
  return new Promise((done, failed) => {
    let said = "";
    const fail = (why: string): void => {
      clearTimeout(timer);
      close();
      failed(new Error(`kubectl port-forward: ${why}`));
    };
    const timer = setTimeout(() => {
      fail(`no answer in ${FORWARD_MS / 1000} s ${said}`.trim());
    }, FORWARD_MS);
    child.once("error", (error) => {
      fail(error.message);
    });
    child.once("close", () => {
      fail(said.trim());
    });
    child.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString()));
    child.stdout?.on("data", (chunk: Buffer) => {
      const port = /^Forwarding from 127\.0\.0\.1:(\d+) /m.exec(chunk.toString())?.[1];
      if (port === undefined) return;
      clearTimeout(timer);
      done({ url: `http://127.0.0.1:${port}`, close });
    });
  });
}
