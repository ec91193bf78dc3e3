import type { Edit } from "./edit";
import type { Subject } from "./judge";

/** One fault: a single property of the real program that differs, and what a policy says of it. */
export interface Case {
  policy: string;
  /** Further words in the test's name, where a policy has more than one case. */
  when?: string;
  /** Resources beside those of the program, compliant. */
  beside?: readonly Subject[];
  edit: Edit;
  says: RegExp;
  /** The policy's configuration, where the default doesn't tell. */
  config?: object;
}
