export { parseSettings, type StackValues } from "./parse";
export { SettingsError } from "./problems";
export { PROJECT, readKubeconfig, readStackValues } from "./read";
export * from "./scalars";
export { pathText, type Settings } from "./schema";
