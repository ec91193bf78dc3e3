import { type Environment, environmentSchema } from "../../../../contract/environment";
import { environmentFor as environmentBeside } from "../../../../tools/bench/environment";

/** The environment of a builder beside a registry on the loopback: the bench's, but for what a test is held to. */
export const environmentFor = (registry: string, changes: Record<string, string> = {}): Environment =>
  environmentSchema.parse({
    ...environmentBeside(registry),
    POD_NAME: "builder-1",
    FUNCTION_NAMESPACES: "team-a,team-b",
    DEFAULT_NAMESPACE: "team-a",
    KANIKO_IMAGE: "ghcr.io/osscontainertools/kaniko:v1.28.0",
    SOURCES_MAX_ARCHIVE: "1Mi",
    SOURCES_MAX_UNPACKED: "1Mi",
    SOURCES_MAX_FILES: "10",
    BUCKET_ENDPOINT: "",
    BUCKET_PATH_STYLE: "false",
    ...changes,
  });
