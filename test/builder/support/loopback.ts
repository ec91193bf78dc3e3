import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server on the loopback that a test plays. */
export class Loopback {
  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async listen(listener: RequestListener, port = 0): Promise<Loopback> {
    const server = createServer(listener);
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return new Loopback(server, (server.address() as AddressInfo).port);
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  /** Cuts what is open, and listens no more. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }
}

export async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Waits until something is so, and fails with what was to be seen where it is not in time. */
export async function until(what: string, holds: () => boolean, ms = 20_000): Promise<void> {
  const end = performance.now() + ms;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
