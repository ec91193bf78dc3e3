import { cost } from "./cost";
import { reliability } from "./reliability";
import { security } from "./security";

/** Every fault that a policy is tried on. */
export const cases = [...security, ...reliability, ...cost];
