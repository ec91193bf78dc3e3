import { readStackFile } from "../preview/stackFile";
import { parseSettings, PROJECT, type Settings } from "../settings";

/**
 * A stack's settings from its file alone, with neither engine nor cloud.
 * @param directory folder of Pulumi.yaml and the stack files
 * @throws UsageError, SettingsError
 */
export function stackSettings(directory: string, stack: string): Settings {
  const { config } = readStackFile(directory, stack);
  const region = config["aws:region"];
  const own = Object.entries(config).filter(([key]) => key.startsWith(`${PROJECT}:`));
  const values = Object.fromEntries(own.map(([key, value]) => [key.slice(PROJECT.length + 1), value]));
  return parseSettings({ stack, region: typeof region === "string" ? region : undefined, values });
}
