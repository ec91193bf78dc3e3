/**
 * Rendezvous hashing (highest random weight): each member draws a number for a key, and the highest has it. A member that comes or goes
 * moves only the keys that it gets or had.
 */
export function rendezvous(members: readonly string[], key: string): string | undefined {
  const ofKey = hash(key);
  let winner: string | undefined;
  let highest = -1;
  for (const member of members) {
    const weight = mix(hash(member) ^ ofKey);
    if (weight > highest || (weight === highest && winner !== undefined && member > winner)) {
      highest = weight;
      winner = member;
    }
  }
  return winner;
}

/** FNV-1a over UTF-16 code units, mixed: its own low bits are too alike for names that differ in their last character. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  return mix(value);
}

/** The finalizer of MurmurHash3 for 32 bits: each bit of what comes in changes half of those that come out. */
function mix(input: number): number {
  let value = input;
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
