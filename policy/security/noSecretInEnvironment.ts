import { containersOf, PODS_UNSEEN, type Workload } from "../kit/pods";
import { resourcePolicy } from "../kit/resourcePolicy";
import { TYPES, WORKLOADS } from "../kit/types";

type Props = Workload & { data: Record<string, string> };

/** Names that are a secret's, and not those of a thing that holds one: `TOKEN`, not `TOKEN_FILE`. */
const SECRET_NAME =
  /(^|_)(PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i;

/** Values that are a secret whatever their name: AWS keys, GitHub tokens, private keys, an URL with a password. */
const SECRET_VALUE =
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|-----BEGIN [A-Z ]*PRIVATE KEY-----|:\/\/[^/\s:@]+:[^/\s:@]+@/;

const isSecret = (name: string, value: string): boolean =>
  SECRET_VALUE.test(value) || (value !== "" && SECRET_NAME.test(name));

export const noSecretInEnvironment = resourcePolicy<Props>(
  {
    name: "no-secret-in-environment",
    severity: "critical",
    description: "No secret stands in a plain environment variable or in a ConfigMap.",
    remediation:
      "Keep it in a Secret and read it with secretKeyRef. Whoever may read pods or ConfigMaps may not read Secrets.",
    blind: `A secret under a harmless name. ${PODS_UNSEEN}`,
  },
  [...WORKLOADS, TYPES.configMap],
  ({ type, props }) =>
    type === TYPES.configMap
      ? Object.entries(props.data ?? {})
          .filter(([name, value]) => isSecret(name, value))
          .map(([name]) => `data.${name} looks like a secret; keep it in a Secret.`)
      : containersOf(type, props).flatMap(({ container: { name, env = [] } }) =>
          env
            .filter((variable) => variable.value !== undefined && isSecret(variable.name, variable.value))
            .map(
              (variable) =>
                `container ${name}: ${variable.name} looks like a secret; read it with secretKeyRef.`,
            ),
        ),
);
