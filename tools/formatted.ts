import { format, resolveConfig } from "prettier";

/** A text as the project's format has it for a file of that path: what is written by a program passes the same check as what is written by hand. */
export const formatted = async (path: string, text: string): Promise<string> =>
  format(text, { ...(await resolveConfig(path)), filepath: path });
