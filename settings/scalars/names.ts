import { z } from "zod";
import { REGISTRY_PLACEHOLDER } from "../../contract/imageNames";
import { isRepositoryPath } from "./imageReference";

const text = (wrong: (value: string) => string | undefined, kind: string) =>
  z.string({ error: `is not ${kind}` }).superRefine((value, context) => {
    const message = wrong(value);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** Whether a text is a DNS label (RFC 1123), as names of namespaces are. */
export const isDnsLabel = (value: string): boolean => value.length <= 63 && DNS_LABEL.test(value);

/** The name of a namespace or another object whose name is a DNS label. */
export const dnsLabel = () =>
  text(
    (value) =>
      isDnsLabel(value)
        ? undefined
        : "is not a DNS label; use at most 63 of a-z, 0-9 and '-', with a letter or digit at both ends",
    "a name",
  );

/** A domain name: labels joined by dots, at least two. */
export const domainName = () =>
  text(
    (value) =>
      value.length <= 253 && value.includes(".") && value.split(".").every(isDnsLabel)
        ? undefined
        : "is not a domain name; write it as in functions.example.com",
    "a domain name",
  );

/** A host or a pattern of hosts with a leading `*.`, as DNS-based network policies take them. */
export const hostPattern = () =>
  text((value) => {
    const name = value.replace(/^\*\./, "");
    return name.includes(".") && name.split(".").every(isDnsLabel)
      ? undefined
      : "is not a host; write it as in index.example.com or *.example.com";
  }, "a host");

/** The name of an S3 bucket, by the rules for general purpose buckets. */
export const bucketName = () =>
  text((value) => {
    if (value.length < 3 || value.length > 63)
      return `has ${value.length} characters; a bucket's name has 3 to 63`;
    if (!/^[a-z0-9][a-z0-9.-]*[a-z0-9]$/.test(value) || value.includes(".."))
      return "is not a bucket's name; use a-z, 0-9, '-' and '.', with a letter or digit at both ends";
    if (/^\d+\.\d+\.\d+\.\d+$/.test(value)) return "has the form of an IP address, which S3 refuses";
    if (
      /^(xn--|sthree-|amzn-s3-demo-)/.test(value) ||
      /(-s3alias|--ol-s3|--x-s3|--table-s3|\.mrap)$/.test(value)
    )
      return "has a prefix or suffix that S3 reserves";
    return undefined;
  }, "a bucket's name");

/** A path of repositories in a registry: `functions`, `team/functions`. */
export const repositoryPath = () =>
  text(
    (value) =>
      isRepositoryPath(value) && value.length >= 2
        ? undefined
        : "is not a repository's path; use a-z, 0-9, '.', '_', '-' and '/'",
    "a repository's path",
  );

/** Prefix of repositories, in a registry that is named or in the stack's own, for which `${ECR_REGISTRY}` stands. */
export const repositoryPrefix = () =>
  text((value) => {
    const [host = "", ...path] = value.split("/");
    const named = host === REGISTRY_PLACEHOLDER || (/[.:]/.test(host) && isRegistryHost(host));
    return named && isRepositoryPath(path.join("/"))
      ? undefined
      : `is not a prefix of repositories; write it as in ${REGISTRY_PLACEHOLDER}/kaniko-cache`;
  }, "a prefix of repositories");

/** Whether a text is a host with, perhaps, a port. */
function isRegistryHost(value: string): boolean {
  const [host = "", port, ...rest] = value.split(":");
  return (
    rest.length === 0 && (port === undefined || /^\d{1,5}$/.test(port)) && host.split(".").every(isDnsLabel)
  );
}

/** The host of a registry, with its port where it has one. */
export const registryHost = () =>
  text(
    (value) =>
      isRegistryHost(value)
        ? undefined
        : "is not a registry's host; write it as in registry.example.com:5000, without a scheme or a path",
    "a registry's host",
  );

/** An identifier that AWS gave: `vpc-0abc…`, `subnet-0abc…`. */
export const awsId = (prefix: string) =>
  text(
    (value) =>
      new RegExp(`^${prefix}-[0-9a-f]{8,17}$`).test(value)
        ? undefined
        : `is not an id of that kind; write it as in ${prefix}-0123456789abcdef0`,
    "an id",
  );

/** `major.minor` of a release, quoted in YAML: without quotes 1.30 is the number 1.3. */
export const minorVersion = (example: string) =>
  text(
    (value) => (/^\d+\.\d+$/.test(value) ? undefined : `is not a version; write it as in "${example}"`),
    `a text: write the version in quotes as in "${example}", or YAML drops the last zero of a number such as 1.30`,
  );

/** A function: `name` in the default namespace, or `namespace/name`. */
export const functionName = () =>
  text((value) => {
    const parts = value.split("/");
    return parts.length <= 2 && parts.every(isDnsLabel)
      ? undefined
      : "is not a function; write its name, or namespace/name";
  }, "a function");
