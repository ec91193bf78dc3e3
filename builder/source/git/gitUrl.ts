import { UserError } from "../../types";
import { shown } from "../sourcePath";

const FIELD = "spec.source.git.url";

/** The same repository over HTTPS, where an SSH address shows which one it is. */
function overHttps(text: string): string | undefined {
  const [, host, path] = /^(?:ssh:\/\/)?(?:[\w.-]+@)([\w.-]+)(?::(?:\d+\/)?|\/)([\w./~-]+)$/.exec(text) ?? [];
  return host === undefined || path === undefined ? undefined : `https://${host}/${path}`;
}

/**
 * The URL of a repository, to which the protocol's paths are added.
 *
 * @throws UserError for everything but http and https, and for a URL that holds credentials.
 */
export function repositoryUrl(text: string): URL {
  const wrong = (what: string) => new UserError("SourceInvalid", `${shown(text)} ${what}`, FIELD);
  const https = overHttps(text);
  if (https !== undefined) throw wrong(`is an SSH address; git is read over HTTPS, as in ${https}`);
  if (!URL.canParse(text))
    throw wrong("is not a URL; write it as in https://git.example.com/team/functions.git");
  const url = new URL(text);
  if (url.protocol !== "https:" && url.protocol !== "http:") throw wrong("is not over HTTPS");
  if (url.username !== "" || url.password !== "")
    // Not shown: it holds a password.
    throw new UserError("SourceInvalid", "the URL holds credentials; put them into a Secret", FIELD);
  if (url.search !== "" || url.hash !== "") throw wrong('has a "?" or "#", which no repository\'s URL has');
  return url;
}

/** The URL of one of the protocol's paths. */
export function pathBelow(repository: URL, path: string, query = ""): URL {
  const url = new URL(repository);
  url.pathname = `${repository.pathname.replace(/(?<!\/)\/+$/, "")}/${path}`;
  url.search = query;
  return url;
}
