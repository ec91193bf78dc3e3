import { type ConfigMap, SETTINGS_MAP, settingsIn } from "../kit/builderEnvironment";
import { resourcePolicy, stackOf } from "../kit/resourcePolicy";

export const cachePerNamespace = resourcePolicy<ConfigMap, { stacks: string[] }>(
  {
    name: "cache-per-namespace",
    severity: "low",
    description: "Each namespace has a cache of layers of its own.",
    remediation:
      "Set builderService.kaniko.cacheScope to namespace: a tenant that can write a shared cache can plant a layer in another's image. Where all functions are one team's, name the stack in `stacks`.",
    blind: "Who may write in which namespace: whether its tenants trust each other is not in the program.",
    config: { stacks: { description: "Names of the stacks whose tenants may share a cache.", default: [] } },
  },
  SETTINGS_MAP,
  ({ props, urn }, { stacks }) =>
    settingsIn(props)?.["KANIKO_CACHE_SCOPE"] === "shared" && !stacks.includes(stackOf(urn))
      ? ["KANIKO_CACHE_SCOPE is shared, so that a tenant can plant layers for another; make it namespace."]
      : [],
);
