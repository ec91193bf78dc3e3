import { z } from "zod";

/**
 * A Kubernetes quantity in the form in which the API server answers it: `1000m` is `1`, `1.5Gi` is `1536Mi`.
 * Emitting that form keeps a second `pulumi up` from seeing a difference.
 */
export type Quantity = string;

const NANO = 1_000_000_000n;
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;
/** Decimal suffixes with the power of ten that each stands for. */
const DECIMAL: readonly (readonly [suffix: string, exponent: number])[] = [
  ["E", 18],
  ["P", 15],
  ["T", 12],
  ["G", 9],
  ["M", 6],
  ["k", 3],
  ["", 0],
  ["m", -3],
  ["u", -6],
  ["n", -9],
];

interface Parsed {
  /** The value in units of 10^-9, rounded up as the API server does. */
  nano: bigint;
  format: "binary" | "decimal" | "exponent";
}

/** Reads a quantity, or answers undefined where the text is none. Negative quantities are refused: no setting has a use for one. */
function read(text: string): Parsed | undefined {
  const match = /^\+?(\d+(?:\.\d*)?|\.\d+)(Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?\d{1,2}|[numkMGTPE])?$/.exec(text);
  if (!match) return undefined;
  const [, number = "", suffix = ""] = match;
  const [whole = "", fraction = ""] = number.split(".");
  const digits = BigInt(`${whole}${fraction}` || "0");
  const scaled = (numerator: bigint, exponent: number): bigint => {
    const power = exponent + 9 - fraction.length;
    if (power >= 0) return numerator * 10n ** BigInt(power);
    const divisor = 10n ** BigInt(-power);
    return (numerator + divisor - 1n) / divisor;
  };
  const binary = BINARY.indexOf(suffix as (typeof BINARY)[number]);
  if (binary > 0) return { nano: scaled(digits * 1024n ** BigInt(binary), 0), format: "binary" };
  if (/^[eE][+-]?\d/.test(suffix))
    return { nano: scaled(digits, Number(suffix.slice(1))), format: "exponent" };
  const exponent = DECIMAL.find(([known]) => known === suffix)?.[1];
  return exponent === undefined ? undefined : { nano: scaled(digits, exponent), format: "decimal" };
}

function write({ nano, format }: Parsed): Quantity {
  if (nano === 0n) return "0";
  if (format === "binary") {
    let units = (nano + NANO - 1n) / NANO;
    let step = 0;
    while (step < BINARY.length - 1 && units % 1024n === 0n) {
      units /= 1024n;
      step += 1;
    }
    return `${units}${BINARY[step]}`;
  }
  for (const [suffix, exponent] of DECIMAL) {
    const unit = 10n ** BigInt(exponent + 9);
    if (nano % unit === 0n) {
      const shown = format === "exponent" ? (exponent === 0 ? "" : `e${exponent}`) : suffix;
      return `${nano / unit}${shown}`;
    }
  }
  throw new Error(`a quantity of ${nano} nano has no canonical form`);
}

/** The canonical form of a quantity, or undefined where the text is none. */
export function canonicalQuantity(text: string): Quantity | undefined {
  const parsed = read(text.trim());
  return parsed && write(parsed);
}

/** The value of a quantity in its base unit: cores for CPU, bytes for memory and disk. Throws on text that is no quantity. */
export function amount(quantity: Quantity): number {
  const parsed = read(quantity);
  if (!parsed) throw new Error(`${JSON.stringify(quantity)} is not a Kubernetes quantity`);
  return Number(parsed.nano) / Number(NANO);
}

/** `quantity` taken `times` times, exact and canonical. */
export function multiply(quantity: Quantity, times: number): Quantity {
  const parsed = read(quantity);
  if (!parsed) throw new Error(`${JSON.stringify(quantity)} is not a Kubernetes quantity`);
  return write({ ...parsed, nano: parsed.nano * BigInt(times) });
}

/** The smaller of two quantities. */
export const least = (a: Quantity, b: Quantity): Quantity => (amount(a) <= amount(b) ? a : b);

/** No container has more cores: above it the `m` of thousandths was left out. */
const MOST_CORES = 256;

/**
 * A quantity in a stack file; YAML may give a bare number, as in `cpu: 2`.
 * @param wrong what is wrong with one that is well written, or undefined
 */
export const quantity = (example: string, wrong?: (text: string, amount: number) => string | undefined) =>
  z.union([z.string(), z.number()]).transform((value, context): Quantity => {
    const canonical = canonicalQuantity(String(value));
    const message =
      canonical === undefined || canonical === "0"
        ? `is not a quantity above zero; write it as in ${example}`
        : wrong?.(String(value).trim(), amount(canonical));
    if (canonical === undefined || message !== undefined) {
      context.addIssue({ code: "custom", message: message ?? "" });
      return z.NEVER;
    }
    return canonical;
  });

/** Cores of one container. */
export const cores = (example: string) =>
  quantity(example, (text, value) => {
    if (value <= MOST_CORES) return undefined;
    const meant = /^\d+$/.test(text) ? `; did you mean ${text}m?` : `; give ${MOST_CORES} or less`;
    return `is above ${MOST_CORES} cores${meant}`;
  });

/** Memory or disk, of which no sensible amount is below `least`: there the unit was left out, or is another. */
export const bytes = (example: string, least: Quantity) =>
  quantity(example, (text, value) => {
    if (value >= amount(least)) return undefined;
    return /^\d+$/.test(text)
      ? `is a number of bytes, below ${least}; write it with its unit as in ${example}`
      : `is below ${least}; write it as in ${example}`;
  });
