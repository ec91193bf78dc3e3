import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { CREDENTIALS } from "../../contract/metrics";

export type Credential = (typeof CREDENTIALS)[number];
/** When each ends, in seconds since 1970. One that has no end, or doesn't tell, is not in it. */
export type Expiries = ReadonlyMap<Credential, number>;

/** When a bearer token ends, as a JSON web token says in its middle part (RFC 7519, `exp`); undefined for any other. */
export function tokenExpiry(authorization: string | undefined): number | undefined {
  const claims = /^Bearer [^.]+\.([^.]+)\.[^.]+$/.exec(authorization ?? "")?.[1];
  if (claims === undefined) return undefined;
  try {
    const { exp } = JSON.parse(Buffer.from(claims, "base64url").toString()) as { exp?: unknown };
    return typeof exp === "number" ? exp : undefined;
  } catch {
    return undefined;
  }
}

/** When the first certificate of a PEM text ends. */
export function certificateExpiry(pem: string | Buffer): number | undefined {
  try {
    return seconds(new X509Certificate(pem).validTo);
  } catch {
    return undefined;
  }
}

/** When the certificate ends that the other side of a connection has shown. */
export const peerExpiry = (socket: Socket): number | undefined =>
  socket instanceof TLSSocket ? seconds(socket.getPeerX509Certificate()?.validTo ?? "") : undefined;

function seconds(date: string): number | undefined {
  const at = Date.parse(date);
  return Number.isNaN(at) ? undefined : at / 1000;
}
