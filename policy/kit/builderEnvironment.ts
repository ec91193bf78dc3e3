import { BUILDER } from "../../contract/names";
import { TYPES } from "./types";

/** The builder's settings as its pods read them (contract/environment.ts), in the one ConfigMap that has a Kaniko image. */
export interface ConfigMap {
  metadata: { name?: string };
  data: Record<string, string>;
}

export const SETTINGS_MAP = [TYPES.configMap] as const;

/** The settings, or undefined where a ConfigMap is another one. */
export const settingsIn = ({ metadata, data }: Partial<ConfigMap>): Record<string, string> | undefined =>
  metadata?.name === BUILDER ? (data ?? {}) : undefined;
