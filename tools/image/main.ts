import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ECRClient } from "@aws-sdk/client-ecr";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { readEcrHost } from "../../builder/registry/ecr/ecrHost";
import { ecrLogin } from "../../builder/registry/ecr/ecrLogin";
import { version } from "../../package.json";
import { UsageError } from "../../preview/usageError";
import { SettingsError } from "../../settings";
import { bundle } from "../bundle/bundle";
import { dockerLogin, resolveDigest } from "../registry";
import { stackSettings } from "../stackSettings";
import { dockerfileBase, pinnedBase } from "./base";
import { imageBom, type LockedPackages, packagesBom } from "./bom";
import { imageCommands, imagePlan, loginCommand } from "./plan";
import { findBuilder, run } from "./run";

const PROJECT_FOLDER = join(__dirname, "..", "..");
/** Where the bill of materials goes: CycloneDX, as JSON. */
const BOM = "dist/builder.cdx.json";

/** Builds the builder's image for a stack, pushes it, and says the digest that its registry then has. */
async function main(): Promise<void> {
  const { values: asked } = parseArgs({
    options: { stack: { type: "string" }, image: { type: "string" }, base: { type: "string" } },
  });
  if (asked.stack === undefined)
    throw new UsageError("which stack? make image STACK=local [IMAGE=registry/repository:tag] [BASE=image]");
  const settings = stackSettings(PROJECT_FOLDER, asked.stack);
  const plan = await imagePlan(settings, asked, () => accountId(settings.region), version);
  const builder = findBuilder();

  const named = plan.base ?? dockerfileBase(PROJECT_FOLDER);
  const { insecure, registry: own } = settings.imageRepositories;
  const base = await pinnedBase(named, insecure && named.startsWith(`${own ?? ""}/`), (line) => {
    console.log(line);
  });
  const { bytes, inputs } = await bundle();
  console.log(
    `${plan.image} for ${plan.platform}: ${(bytes / 2 ** 20).toFixed(1)} MiB of JavaScript, by ${builder}`,
  );

  const bom = imageBom(await packagesBom(PROJECT_FOLDER), inputs, lockedPackages(), {
    name: plan.image,
    base,
  });
  writeFileSync(join(PROJECT_FOLDER, BOM), `${JSON.stringify(bom, undefined, 2)}\n`);
  console.log(`${BOM}: ${bom.components.length} components, on ${base}`);

  const { registry } = plan.reference;
  const ecr = readEcrHost(registry);
  const login =
    ecr === undefined
      ? dockerLogin(registry)
      : await ecrLogin(new ECRClient({ region: ecr.region }), AbortSignal.timeout(30_000));
  if (ecr !== undefined && login !== undefined)
    await run(loginCommand(builder, registry, login.username), PROJECT_FOLDER, login.password);
  for (const command of imageCommands(builder, { ...plan, base })) await run(command, PROJECT_FOLDER);

  const digest = await resolveDigest(plan.reference, { insecure: plan.insecure, login });
  console.log(`pushed ${plan.image}@${digest}`);
  const configured = settings.builderService.image;
  if (configured !== undefined && configured.includes("@") && !configured.endsWith(digest))
    console.log(
      `the stack still runs ${configured}; \`npm run pin -- --stack ${asked.stack}\` writes the new digest`,
    );
}

function lockedPackages(): LockedPackages {
  const lockfile = readFileSync(join(PROJECT_FOLDER, "package-lock.json"), "utf8");
  return (JSON.parse(lockfile) as { packages: LockedPackages }).packages;
}

async function accountId(region: string | undefined): Promise<string> {
  const { Account } = await new STSClient(region === undefined ? {} : { region }).send(
    new GetCallerIdentityCommand({}),
  );
  if (Account === undefined) throw new Error("AWS answered without an account");
  return Account;
}

main().catch((error: unknown) => {
  console.error((error as Error).message);
  process.exitCode = error instanceof UsageError || error instanceof SettingsError ? 2 : 1;
});
