/** Names and texts that the bench's functions are made of, the same in each run. */

/** Functions lie in so many namespaces, evenly. */
export const NAMESPACES = 20;
export const namespaces: readonly string[] = Array.from(
  { length: NAMESPACES },
  (_, index) => `team-${index}`,
);

/** When everything was made. */
export const AT = "2026-01-05T09:30:00.000Z";
/** As Kubernetes writes it. */
export const SECONDS = AT.replace(".000", "");

/** Digits that belong to a number, and to no other of the bench. */
export const hex = (index: number, length: number): string =>
  (BigInt(index + 1) * 0x9e3779b97f4a7c15n).toString(16).padStart(length, "0").repeat(8).slice(0, length);
export const uidOf = (kind: number, index: number): string => {
  const text = hex(index * 8 + kind, 32);
  return [text.slice(0, 8), text.slice(8, 12), text.slice(12, 16), text.slice(16, 20), text.slice(20)].join(
    "-",
  );
};

/** The only revision of a function's Service. */
export const revisionOf = (name: string): string => `${name}-00001`;

export const urlOf = (name: string, namespace: string): string =>
  `http://${name}.${namespace}.svc.cluster.local`;

/** The code of one function, about as long as a small one is. */
export const codeOf = (name: string): string =>
  [
    "import json",
    "import logging",
    "",
    `log = logging.getLogger("${name}")`,
    "",
    "def handler(event):",
    '    """Adds up the amounts of an order, and says which of its lines are wrong."""',
    "    lines = event.get('lines', [])",
    ...Array.from(
      { length: 12 },
      (_, step) => `    total_${step} = sum(line['amount'] for line in lines[${step}:])`,
    ),
    `    log.info("handled by ${name}: %s", json.dumps(lines))`,
    "    return {'statusCode': 200, 'body': json.dumps({'total': total_0, 'lines': len(lines)})}",
    "",
  ].join("\n");
