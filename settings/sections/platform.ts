import { z } from "zod";

/** What builds, nodes and Services share. */
export const platform = z
  .strictObject({
    architecture: z
      .enum(["amd64", "arm64"])
      .prefault("amd64")
      .describe(
        "Decides node pool, builds and Services. arm64 (Graviton) costs about a fifth less; images of the functions' authors must fit.",
      ),
  })
  .prefault({});
