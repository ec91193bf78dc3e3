/** What is no delta, or not one of that base. */
export class DeltaError extends Error {
  override readonly name = "DeltaError";
}

/** Sizes that a delta announces: of the object that it starts from, and of the one that it makes. */
export function deltaSizes(delta: Buffer): { base: number; result: number; at: number } {
  const [base, next] = readSize(delta, 0);
  const [result, at] = readSize(delta, next);
  return { base, result, at };
}

/**
 * Makes an object of another one and a delta (git-scm.com: gitformat-pack, "Deltified representation").
 *
 * @throws DeltaError where the delta reaches out of either.
 */
export function applyDelta(base: Buffer, delta: Buffer): Buffer {
  const sizes = deltaSizes(delta);
  if (sizes.base !== base.byteLength) throw new DeltaError("a delta is of another base");
  const result = Buffer.allocUnsafe(sizes.result);
  let to = 0;
  let at = sizes.at;
  const byte = (): number => {
    const value = delta[at++];
    if (value === undefined) throw new DeltaError("a delta ends early");
    return value;
  };
  while (at < delta.byteLength) {
    const command = byte();
    if (command === 0) throw new DeltaError("a delta holds a reserved command");
    let from: Buffer;
    if (command < 0x80) {
      from = delta.subarray(at, at + command);
      if (from.byteLength !== command) throw new DeltaError("a delta ends early");
      at += command;
    } else {
      let offset = 0;
      let size = 0;
      for (let bit = 0; bit < 4; bit++) if (command & (1 << bit)) offset += byte() * 256 ** bit;
      for (let bit = 0; bit < 3; bit++) if (command & (0x10 << bit)) size += byte() * 256 ** bit;
      if (size === 0) size = 0x10000;
      from = base.subarray(offset, offset + size);
      if (from.byteLength !== size) throw new DeltaError("a delta reaches out of its base");
    }
    if (to + from.byteLength > result.byteLength) throw new DeltaError("a delta makes more than it says");
    from.copy(result, to);
    to += from.byteLength;
  }
  if (to !== result.byteLength) throw new DeltaError("a delta makes less than it says");
  return result;
}

function readSize(delta: Buffer, start: number): [size: number, next: number] {
  let size = 0;
  for (let at = start, weight = 1; weight <= 2 ** 42; at++, weight *= 128) {
    const byte = delta[at];
    if (byte === undefined) break;
    size += (byte & 0x7f) * weight;
    if (byte < 0x80) return [size, at + 1];
  }
  throw new DeltaError("a delta announces no size");
}
