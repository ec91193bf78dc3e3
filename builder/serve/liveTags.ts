import { LIVE_TAG_PREFIX } from "../../contract/names";

const DIGITS = 12;

/** The tag that keeps an image of a function from being expired. Its last part is of one length, so that no two functions share one. */
export const liveTag = (name: string, digest: string): string =>
  `${LIVE_TAG_PREFIX}${name}-${digest.replace("sha256:", "").slice(0, DIGITS)}`;

/** Whether a tag is one of a function's. */
export const isLiveTagOf = (name: string, tag: string): boolean =>
  tag.length === LIVE_TAG_PREFIX.length + name.length + 1 + DIGITS &&
  tag.startsWith(`${LIVE_TAG_PREFIX}${name}-`) &&
  /^[0-9a-f]+$/.test(tag.slice(-DIGITS));

/** Repository and digest of an image that is named by its digest. */
export function digestIn(image: string): { repository: string; digest: string } | undefined {
  const [repository, digest] = image.split("@");
  return repository === undefined || digest === undefined ? undefined : { repository, digest };
}
