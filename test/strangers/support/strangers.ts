import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { join } from "node:path";

export interface Held {
  megabytes: number;
  connections: { intake: number; context: number };
  functions: number;
}

/** The builder's servers in a process of their own. */
export class Servers {
  private constructor(
    private readonly child: ChildProcess,
    readonly ports: { intake: number; context: number },
  ) {}

  static async start(): Promise<Servers> {
    const child = fork(join(__dirname, "serverProcess.ts"), {
      execArgv: ["--import", "tsx", "--max-old-space-size=128"],
    });
    const [ports] = (await once(child, "message")) as [Servers["ports"]];
    return new Servers(child, ports);
  }

  async held(): Promise<Held> {
    const answer = once(this.child, "message") as Promise<[Held]>;
    this.child.send("held?");
    return (await answer)[0];
  }

  get isUp(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  async stop(): Promise<void> {
    const gone = once(this.child, "exit");
    this.child.kill("SIGKILL");
    await gone;
  }
}

/** A connection of a stranger's: what came over it, and when it was ended by the other side. */
export interface Stranger {
  socket: Socket;
  text: string;
  endedAfterMs: number | undefined;
}

/** Connects, sends what there is to send, and never ends by itself. */
export function stranger(port: number, bytes = ""): Stranger {
  const started = performance.now();
  const socket = connect(port, "127.0.0.1");
  const one: Stranger = { socket, text: "", endedAfterMs: undefined };
  socket.on("data", (chunk) => (one.text += chunk.toString()));
  socket.on("error", () => undefined);
  socket.on("close", () => (one.endedAfterMs ??= performance.now() - started));
  if (bytes !== "") socket.write(bytes);
  return one;
}
