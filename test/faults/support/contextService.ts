import { type AddressInfo, connect, createServer, type Server } from "node:net";

/** What a Service does for the builders' context ports: hands each connection to one that takes it. */
export class ContextService {
  private readonly server: Server;
  private next = 0;

  /** @param ports of the builders, whether they run or not */
  constructor(private readonly ports: () => readonly number[]) {
    this.server = createServer((client) => {
      const ports = this.ports();
      const port = ports[(this.next += 1) % Math.max(1, ports.length)];
      if (port === undefined) {
        client.destroy();
        return;
      }
      const builder = connect(port, "127.0.0.1");
      for (const [one, other] of [
        [client, builder],
        [builder, client],
      ] as const) {
        one.pipe(other);
        one.on("error", () => other.destroy());
        one.on("close", () => other.destroy());
      }
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((listening) => this.server.listen(0, "127.0.0.1", listening));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
  }
}
