import { type Environment, environmentSchema } from "../contract/environment";

export type { Environment };

/**
 * Reads the service's environment.
 * @throws Error whose message names every variable that is wrong, on one line
 */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const read = environmentSchema.safeParse(variables);
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new Error(`the environment is wrong: ${problems.join("; ")}`);
}
