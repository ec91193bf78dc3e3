import type { z } from "zod";

/** A list whose entries differ: one that stands there twice is a slip, and would be counted twice. */
export const distinct = <List extends z.ZodType<string[]>>(list: List): List =>
  list.superRefine((entries, context) => {
    entries.forEach((entry, index) => {
      if (entries.indexOf(entry) < index)
        context.addIssue({ code: "custom", path: [index], message: "stands there twice; take one out" });
    });
  });
