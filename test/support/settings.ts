import { parseSettings, type Settings, SettingsError } from "../../settings";

type Values = Record<string, unknown>;

/** What a stack with `target: cluster` can't do without. */
export const CLUSTER_VALUES: Values = {
  target: "cluster",
  builderService: { image: "registry.example.com/builder:1.0.0" },
  imageRepositories: { registry: "registry.example.com" },
  sourceBucket: { name: "sources", endpoint: "http://minio.example.com:9000" },
};

/** The settings of a stack file that says `values`. */
export const settingsOf = (values: Values = {}, stack = "test"): Settings =>
  parseSettings({ stack, region: "us-west-2", values });

/** The lines that a stack file with `values` is refused with; none where it is accepted. */
export function linesOf(values: Values, options: { region?: string | undefined } = {}): string[] {
  const region = "region" in options ? options.region : "us-west-2";
  try {
    parseSettings({ stack: "test", region, values });
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.message.split("\n");
    throw error;
  }
}
