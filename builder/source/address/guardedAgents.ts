import { Agent as HttpAgent, type AgentOptions, type ClientRequestArgs } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { type LookupFunction } from "node:net";
import { type Duplex } from "node:stream";
import { type Address, type AddressGuard } from "./addressGuard";

type Done = (error: Error | null, socket: Duplex) => void;

/** Answers a host's look-up with addresses that were checked before. */
const pinned =
  (addresses: readonly Address[]): LookupFunction =>
  (_host, { all }, done) => {
    const [first] = addresses;
    if (all === true) done(null, [...addresses]);
    else done(null, first?.address ?? "", first?.family);
  };

/** Connects to checked addresses only. The socket comes through the callback: Node allows it, as resolving takes a while. */
function connect(
  guard: AddressGuard,
  field: string,
  options: ClientRequestArgs,
  open: (options: ClientRequestArgs & { lookup: LookupFunction }) => Duplex | null | undefined,
  done: Done | undefined,
): void {
  const failed = (error: unknown) => (done as ((error: unknown) => void) | undefined)?.(error);
  guard.addresses(options.host ?? "localhost", field).then((addresses) => {
    const socket = open({ ...options, lookup: pinned(addresses) });
    if (socket) done?.(null, socket);
  }, failed);
}

class GuardedHttpAgent extends HttpAgent {
  constructor(
    private readonly guard: AddressGuard,
    private readonly field: string,
    options: AgentOptions,
  ) {
    super(options);
  }

  override createConnection(options: ClientRequestArgs, done?: Done): undefined {
    connect(this.guard, this.field, options, (checked) => super.createConnection(checked), done);
  }
}

class GuardedHttpsAgent extends HttpsAgent {
  constructor(
    private readonly guard: AddressGuard,
    private readonly field: string,
    options: AgentOptions,
  ) {
    super(options);
  }

  override createConnection(options: ClientRequestArgs, done?: Done): undefined {
    connect(this.guard, this.field, options, (checked) => super.createConnection(checked), done);
  }
}

/** Agents of one fetch. Connections are kept while it lasts, and shared with no other. */
export class GuardedAgents {
  readonly http: HttpAgent;
  readonly https: HttpsAgent;

  /** @param field Field of the object that a refused address is blamed on. */
  constructor(guard: AddressGuard, field: string) {
    const options: AgentOptions = { keepAlive: true, maxSockets: 8 };
    this.http = new GuardedHttpAgent(guard, field, options);
    this.https = new GuardedHttpsAgent(guard, field, options);
  }

  destroy(): void {
    this.http.destroy();
    this.https.destroy();
  }
}
