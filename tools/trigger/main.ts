import { join } from "node:path";
import { platformSource } from "../../contract/parser";
import { FUNCTION_PLURAL } from "../../contract/function/crd";
import { API_GROUP } from "../../contract/names";
import { UsageError } from "../../preview/usageError";
import { SettingsError } from "../../settings";
import { stackSettings } from "../stackSettings";
import { archive } from "./archive";
import { readArguments } from "./asked";
import { connect } from "./connect";
import { send, triggerEvent } from "./event";
import { follow } from "./follow";
import { kubectl } from "./kubectl";
import { placeOfBuilder, placeOfCluster } from "./place";
import type { LambdaFunction } from "./progress";
import { newRuntime, offeredVersion } from "./runtime";
import { progressLine } from "./terminal";
import { checkSource } from "./checkSource";
import { upload } from "./upload";

const PROJECT_FOLDER = join(__dirname, "..", "..");
/** A build has a timeout of its own; waiting for one's turn has none. */
const GIVE_UP_SECONDS = 3600;

/** Builds a parser, and follows it to its end where that is asked. Returns the exit code: 0 only when it is Ready, or isn't followed. */
async function main(argv: readonly string[]): Promise<number> {
  const asked = readArguments(argv);
  const { name, stack, source } = asked;
  const settings = stackSettings(PROJECT_FOLDER, stack);
  const place =
    settings.target === "cluster" ? placeOfCluster(settings) : await placeOfBuilder(settings, kubectl);
  const namespace = asked.namespace ?? place.defaultNamespace;
  console.log(`${name} in namespace ${namespace}, on ${stack}`);

  const read = async (): Promise<LambdaFunction | undefined> => {
    const text = await kubectl(
      ...["get", `${FUNCTION_PLURAL}.${API_GROUP}`, name, "--namespace", namespace],
      ...["--ignore-not-found", "--output", "json"],
    );
    return text === "" ? undefined : (JSON.parse(text) as LambdaFunction);
  };

  let uploaded: readonly string[] | undefined;
  if (source !== undefined) {
    const { bytes, files } = await archive(source);
    const own = platformSource(
      { namespace, name },
      { bucket: place.bucket.name, region: place.bucket.region },
    );
    const key = own.s3?.key ?? "";
    // Who can't ask the cluster, as a pipeline with no more than a token, uploads without this check.
    const existing = await read().catch(() => undefined);
    if (existing !== undefined) checkSource(existing, place.bucket.name, key);
    await upload(place.bucket, key, bytes);
    uploaded = files;
    console.log(`uploaded ${files.length} files, ${bytes.length} bytes, to s3://${place.bucket.name}/${key}`);
  }

  const runtime = newRuntime(asked, uploaded, (language) => offeredVersion(settings, language));
  const connection = await connect(process.env, kubectl);
  const event = triggerEvent(name, namespace, runtime);
  try {
    await send(connection, event);
  } finally {
    connection.close();
  }
  console.log(`the builder has taken event ${event.id}`);
  if (!asked.wait) return 0;

  const line = progressLine(process.stdout);
  const { ended, lines } = await follow({ read, show: line.show, giveUpSeconds: GIVE_UP_SECONDS }).finally(
    line.end,
  );
  for (const text of lines) (ended === "Ready" ? console.log : console.error)(text);
  return ended === "Ready" ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error((error as Error).message);
    process.exitCode = error instanceof UsageError || error instanceof SettingsError ? 2 : 1;
  },
);
