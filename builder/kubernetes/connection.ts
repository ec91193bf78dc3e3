import { type RequestOptions } from "node:https";
import { isDeepStrictEqual } from "node:util";
import { KubeConfig } from "@kubernetes/client-node";
import { Agent, buildConnector, type Dispatcher, ProxyAgent } from "undici";
import {
  certificateExpiry,
  type Credential,
  type Expiries,
  peerExpiry,
  tokenExpiry,
} from "./credentialExpiry";

/** What a request to the API server needs beside its path. */
export interface Credentials {
  headers: Record<string, string>;
  /** Holds the connections, with the cluster's certificate authority and the client's own certificate. */
  dispatcher: Dispatcher;
}

/** A way to an API server. */
export interface Connection {
  /** URL of the API server, without a slash at its end. */
  readonly server: string;
  credentials(): Promise<Credentials>;
  /** Reads the credentials anew for the next request: these were refused. */
  renew(): void;
  /** When what it now connects with ends. */
  expiries?(): Expiries;
  close(): Promise<void>;
}

/** Tokens of service accounts are rotated on disk long before they end; client-go reads them anew as often. */
const KEEP_MS = 30_000;
/** Watches hold one connection each; the rest are for requests. */
const MOST_CONNECTIONS = 64;
const CONNECT_TIMEOUT_MS = 5_000;

interface TlsMaterial {
  ca?: RequestOptions["ca"];
  cert?: RequestOptions["cert"];
  key?: RequestOptions["key"];
  rejectUnauthorized?: boolean | undefined;
  servername?: string | undefined;
}

/**
 * A connection by kubeconfig: of KUBECONFIG, of the home folder, or of the pod's own service account.
 *
 * client-node reads the file, its tokens and its plug-ins, and that is all that is used of it at run time: for every single request it makes
 * a new agent, and so a new TLS connection.
 */
export class KubeConfigConnection implements Connection {
  readonly server: string;
  private current: { credentials: Credentials; tls: TlsMaterial; readAt: number } | undefined;
  private reading: Promise<Credentials> | undefined;
  private refused = false;
  private readonly ends = new Map<Credential, number>();

  constructor(
    private readonly config: KubeConfig,
    private readonly now: () => number = () => performance.now(),
  ) {
    const cluster = config.getCurrentCluster();
    if (!cluster) throw new Error("the kubeconfig names no cluster");
    this.server = cluster.server.replace(/\/+$/, "");
  }

  static load(): KubeConfigConnection {
    const config = new KubeConfig();
    config.loadFromDefault();
    return new KubeConfigConnection(config);
  }

  credentials(): Promise<Credentials> {
    const { current } = this;
    if (current && !this.refused && this.now() - current.readAt < KEEP_MS)
      return Promise.resolve(current.credentials);
    this.reading ??= this.read().finally(() => (this.reading = undefined));
    return this.reading;
  }

  renew(): void {
    this.refused = true;
  }

  expiries(): Expiries {
    return this.ends;
  }

  async close(): Promise<void> {
    await this.current?.credentials.dispatcher.destroy();
    this.current = undefined;
  }

  private async read(): Promise<Credentials> {
    const options: RequestOptions & TlsMaterial = {};
    await this.config.applyToHTTPSOptions(options);
    const { ca, cert, key, rejectUnauthorized, servername } = options;
    const tls: TlsMaterial = { ca, cert, key, rejectUnauthorized, servername };
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(options.headers ?? {})) headers[name] = String(value);
    if (typeof options.auth === "string")
      headers["Authorization"] = `Basic ${Buffer.from(options.auth).toString("base64")}`;

    this.note("api_server_token", tokenExpiry(headers["Authorization"]));
    this.note(
      "client_certificate",
      typeof cert === "string" || Buffer.isBuffer(cert) ? certificateExpiry(cert) : undefined,
    );

    const before = this.current;
    const kept = before && isDeepStrictEqual(before.tls, tls) ? before.credentials.dispatcher : undefined;
    const credentials = { headers, dispatcher: kept ?? this.dispatcher(tls) };
    this.current = { credentials, tls, readAt: this.now() };
    this.refused = false;
    // Ends when its last request has, a watch among them: at most a minute.
    if (before && !kept) void before.credentials.dispatcher.close();
    return credentials;
  }

  private dispatcher(tls: TlsMaterial): Dispatcher {
    const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
    const proxy = this.config.getCurrentCluster()?.proxyUrl;
    const connect = buildConnector({ ...given, timeout: CONNECT_TIMEOUT_MS });
    return proxy === undefined
      ? new Agent({
          connect: (options, callback) => {
            connect(options, (...made) => {
              const [, socket] = made;
              if (socket !== null) this.note("api_server_certificate", peerExpiry(socket));
              callback(...made);
            });
          },
          connections: MOST_CONNECTIONS,
        })
      : new ProxyAgent({ uri: proxy, requestTls: given, connections: MOST_CONNECTIONS });
  }

  private note(credential: Credential, ends: number | undefined): void {
    if (ends !== undefined) this.ends.set(credential, ends);
    // A resumed TLS session may show no certificate: it is the one that it began with.
    else if (credential !== "api_server_certificate") this.ends.delete(credential);
  }
}
