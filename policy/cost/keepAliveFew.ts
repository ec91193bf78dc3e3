import { type ConfigMap, SETTINGS_MAP, settingsIn } from "../kit/builderEnvironment";
import { resourcePolicy } from "../kit/resourcePolicy";

export const keepAliveFew = resourcePolicy<ConfigMap, { most: number }>(
  {
    name: "keep-alive-few",
    severity: "medium",
    description: "Few functions keep a pod while nobody calls them.",
    remediation:
      "Name fewer in keepAlive.functions, or say that it is meant with keepAlive.allowMany. Each costs about $5 a month by SRE-002, and what the preview says by the stack's own assumptions.",
    blind: "Functions that ask by label (keepAlive.byLabel): the builder counts those.",
    config: { most: { description: "Most functions that are kept warm without allowMany.", default: 9 } },
  },
  SETTINGS_MAP,
  ({ props }, { most }) => {
    const settings = settingsIn(props) ?? {};
    const functions = (settings["KEEP_ALIVE_FUNCTIONS"] ?? "")
      .split(",")
      .filter((name) => name.trim() !== "");
    return functions.length > most && settings["KEEP_ALIVE_ALLOW_MANY"] !== "true"
      ? [`KEEP_ALIVE_FUNCTIONS names ${functions.length}, more than ${most}; name fewer, or allow many.`]
      : [];
  },
);
