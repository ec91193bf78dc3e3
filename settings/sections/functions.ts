import { z } from "zod";
import { distinct, dnsLabel } from "../scalars";

/** Where functions live. */
export const functions = z
  .strictObject({
    namespaces: distinct(z.array(dnsLabel()).min(1))
      .prefault(["knative-lambda"])
      .describe(
        "Namespaces whose source Secrets the builder may read, and where it keeps the records of builds. They must exist, but for `knative-lambda`, which the stack makes. Functions may live in others too, with sources that need no Secret and without records: a condition of theirs says so.",
      ),
    defaultNamespace: dnsLabel()
      .prefault("knative-lambda")
      .describe("Namespace of an event that names none."),
  })
  .prefault({});
