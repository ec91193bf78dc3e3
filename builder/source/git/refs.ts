import { UserError } from "../../types";
import { shown } from "../sourcePath";
import { type Advertisement } from "./advertisement";

const FIELD = "spec.source.git.ref";

/** Characters that no ref holds: controls, the blank, and what git's own notation is made of. */
const NOT_IN_REFS = /[\u0000-\u0020\u007f~^:?*[\\]/;

/** Whether git takes it for a ref's name (git-check-ref-format), branches' rule against a leading "-" included. */
export const isRefName = (ref: string): boolean =>
  ref !== "" &&
  ref !== "@" &&
  !ref.startsWith("-") &&
  !ref.endsWith(".") &&
  !ref.includes("..") &&
  !ref.includes("@{") &&
  !NOT_IN_REFS.test(ref) &&
  ref.split("/").every((part) => part !== "" && !part.startsWith(".") && !part.endsWith(".lock"));

/** A commit's name in full. Shorter ones are ambiguous to the server, which is not asked to guess. */
export const isCommit = (ref: string): boolean => /^[0-9a-f]{40}$/.test(ref);

/** Checks a ref as the user wrote it. @throws UserError */
export function checkRef(ref: string): void {
  if (!isRefName(ref))
    throw new UserError(
      "SourceInvalid",
      `${shown(ref)} is not the name of a branch, a tag or a commit`,
      FIELD,
    );
}

/**
 * The object that a ref names: exactly that branch, else that tag, as `git clone --branch` looks for them. No other one takes its place.
 *
 * @throws UserError where the repository has no such ref.
 */
export function objectOf(ref: string, { refs, capabilities }: Advertisement): string {
  const names = ref.startsWith("refs/") || ref === "HEAD" ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];
  const found = names.map((name) => refs.get(name)).find((oid) => oid !== undefined);
  if (found !== undefined) return found;
  const commit = ref.toLowerCase();
  if (isCommit(commit)) {
    if ([...refs.values()].includes(commit) || ANY_COMMIT.some((capability) => capabilities.has(capability)))
      return commit;
    throw new UserError(
      "SourceNotFound",
      `the server hands out no single commits; name a branch or a tag`,
      FIELD,
    );
  }
  const hint = /^[0-9a-f]{4,39}$/i.test(ref)
    ? "; a commit is named by all of its 40 digits"
    : branches(refs) === ""
      ? "; the repository is empty"
      : `; there are the branches ${branches(refs)}`;
  throw new UserError("SourceNotFound", `the repository has no branch or tag ${shown(ref)}${hint}`, FIELD);
}

/** By which a server says that it hands out more than what its refs name. */
const ANY_COMMIT = ["allow-reachable-sha1-in-want", "allow-any-sha1-in-want", "allow-tip-sha1-in-want"];

const HEADS = "refs/heads/";

function branches(refs: ReadonlyMap<string, string>): string {
  const names = [...refs.keys()]
    .filter((name) => name.startsWith(HEADS))
    .map((name) => name.slice(HEADS.length));
  return names.slice(0, 5).map(shown).join(", ") + (names.length > 5 ? ", …" : "");
}
