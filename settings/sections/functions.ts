import { z } from "zod";
import { dnsLabel } from "../scalars";

/** Where functions live. */
export const functions = z
  .strictObject({
    namespaces: z
      .array(dnsLabel())
      .min(1)
      .prefault(["knative-lambda"])
      .describe(
        "Namespaces whose source Secrets the builder may read. They must exist, but for `knative-lambda`, which the stack makes. Functions may live in others too, with sources that need no Secret.",
      ),
    defaultNamespace: dnsLabel()
      .prefault("knative-lambda")
      .describe("Namespace of an event that names none."),
  })
  .prefault({});
