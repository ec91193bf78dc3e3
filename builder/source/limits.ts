import { type Environment } from "../../contract/environment";

/** How much of the builder one source may take. What goes past it is the user's to make smaller. */
export interface SourceLimits {
  /** What is taken from the network for one source: an archive, a pack of git objects. In bytes. */
  archiveBytes: number;
  /** All files together, unpacked. In bytes. */
  unpackedBytes: number;
  files: number;
  /** From the first request to the last file on disk. */
  seconds: number;
}

/**
 * Longest time of one fetch. A source of the default 100 MiB takes it only below 3 Mbit/s, and a peer that sends a byte at a time holds
 * a place no longer. The reconciliation around it lasts longer, so that it is said what took so long.
 */
export const FETCH_SECONDS = 300;

/** Archives of more than this may be made of one repeated byte without being refused: it fits anywhere. */
export const FREE_UNPACKED_BYTES = 16 * 1024 * 1024;

/**
 * Times that data may grow when unpacked, beyond the free bytes. Source code grows 3 to 10 times; gzip ends at 1,032
 * (zlib's technical details), which only padding reaches.
 */
export const MAX_RATIO = 200;

/** What tar takes beside the contents of one file: its header, one of extended attributes, and what fills them up to whole blocks. In bytes. */
const TAR_BYTES_PER_ENTRY = 4096;
/** What fills up the last record of a tar archive, and more. */
const TAR_END_BYTES = 1024 * 1024;

/** Size past which an unpacked tar archive holds more than a source may, whatever it holds: of most of it no limit of a tree knows. In bytes. */
export const mostTarBytes = ({
  unpackedBytes,
  files,
}: Pick<SourceLimits, "unpackedBytes" | "files">): number =>
  unpackedBytes + 2 * files * TAR_BYTES_PER_ENTRY + TAR_END_BYTES;

export const sourceLimits = (
  environment: Pick<Environment, "SOURCES_MAX_ARCHIVE" | "SOURCES_MAX_UNPACKED" | "SOURCES_MAX_FILES">,
): SourceLimits => ({
  archiveBytes: environment.SOURCES_MAX_ARCHIVE,
  unpackedBytes: environment.SOURCES_MAX_UNPACKED,
  files: environment.SOURCES_MAX_FILES,
  seconds: FETCH_SECONDS,
});

/** A size as a user reads it. */
export function readableBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB"];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  const value = bytes / 1024 ** power;
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[power] ?? ""}`;
}
