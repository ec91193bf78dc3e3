import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { applyDelta, DeltaError, deltaSizes } from "./delta";
import { PackError, PackFile, PackTooLarge } from "./packFile";
import { MAX_HEADER_BYTES, type ObjectType, readObjectHeader } from "./packHeader";
import { RecentObjects } from "./recentObjects";

export interface PackLimits {
  objects: number;
  /** All objects together, inflated. In bytes. */
  inflatedBytes: number;
}

/**
 * Largest object that is taken into memory: a folder, a commit, and what is stored as a difference to another object. Others go to disk piece
 * by piece.
 */
export const IN_MEMORY_BYTES = 32 * 1024 * 1024;

/** Longest time that the event loop is kept from other work. */
const BREATH_MS = 10;

interface Entry {
  /** Of a delta: the type of what it starts from, once that is known. */
  type: ObjectType | undefined;
  /** Of a delta: its own size, not that of the object. */
  size: number;
  /** Where its data begin. */
  offset: number;
  /** Of a delta: the number of what it starts from, or its name. */
  base?: number | string;
  /** Size of the object that a delta makes, once it was made. */
  made?: number;
  /** Once it is known. */
  name?: string;
}

/**
 * The objects of a pack, by name (git-scm.com: gitformat-pack). The name of each is computed, not believed, so that what is reached from a
 * commit is what its author committed. Time and memory are bounded whatever the pack says.
 */
export class Pack {
  private readonly entries: Entry[] = [];
  private readonly byName = new Map<string, number>();
  private readonly recent = new RecentObjects(IN_MEMORY_BYTES / 2);
  private inflated = 0;
  private breathed = performance.now();

  private constructor(
    private readonly file: PackFile,
    private readonly limits: PackLimits,
    private readonly signal: AbortSignal,
  ) {}

  /** @throws PackError, PackTooLarge */
  static async open(path: string, limits: PackLimits, signal: AbortSignal): Promise<Pack> {
    const pack = new Pack(await PackFile.open(path), limits, signal);
    try {
      await pack.scan();
      await pack.nameDeltas();
      return pack;
    } catch (error) {
      await pack.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.file.close();
  }

  /** An object's type and size, or undefined where the pack doesn't hold it. */
  find(oid: string): { type: ObjectType; size: number } | undefined {
    const entry = this.entries[this.byName.get(oid) ?? -1];
    return entry?.type === undefined ? undefined : { type: entry.type, size: entry.made ?? entry.size };
  }

  /** An object as a whole. */
  async read(oid: string): Promise<Buffer> {
    return this.contents(this.number(oid));
  }

  /** An object piece by piece. */
  async *stream(oid: string): AsyncGenerator<Uint8Array> {
    const entry = this.entry(this.number(oid));
    await this.breathe();
    if (entry.base !== undefined) yield await this.read(oid);
    else yield* this.file.stream(entry.offset, entry.size);
  }

  private number(oid: string): number {
    const number = this.byName.get(oid);
    if (number === undefined) throw new PackError(`the pack lacks the object ${oid}`);
    return number;
  }

  private entry(number: number): Entry {
    const entry = this.entries[number];
    if (entry === undefined) throw new PackError("the pack is damaged");
    return entry;
  }

  /** Finds where each object lies, and names those that are stored as they are. */
  private async scan(): Promise<void> {
    const head = await this.file.at(0, 12);
    const [magic, version] = [head.toString("latin1", 0, 4), head.byteLength < 12 ? 0 : head.readUInt32BE(4)];
    if (magic !== "PACK" || (version !== 2 && version !== 3)) throw new PackError("the answer is no pack");
    const count = head.readUInt32BE(8);
    if (count > this.limits.objects)
      throw new PackTooLarge(`the commit has more than ${this.limits.objects} objects`);
    const numbers = new Map<number, number>();
    let at = 12;
    for (let number = 0; number < count; number++) {
      await this.breathe();
      numbers.set(at, number);
      const { type, size, used, base } = readObjectHeader(await this.file.at(at, MAX_HEADER_BYTES));
      const entry: Entry = { type, size, offset: at + used };
      if (typeof base === "string") entry.base = base;
      else if (base !== undefined) entry.base = startOf(base, at, numbers);
      this.count(entry.size);
      const hash = createHash("sha1").update(`${entry.type ?? ""} ${entry.size}\0`);
      const taken = await this.file.inflate(entry.offset, entry.size, (chunk) => {
        if (entry.base === undefined) hash.update(chunk);
      });
      this.entries.push(entry);
      if (entry.base === undefined) this.setName(number, entry, hash.digest("hex"));
      at = entry.offset + taken;
    }
  }

  /**
   * Names what is stored as a difference, each right after what it starts from, which may come later in the pack. In one pass: a pack that is
   * laid out for the worst can't make it many.
   */
  private async nameDeltas(): Promise<void> {
    const waiting = new Map<number | string, number[]>();
    const named: number[] = [];
    for (const [number, { base }] of this.entries.entries())
      if (base === undefined) named.push(number);
      else {
        const same = waiting.get(base);
        if (same) same.push(number);
        else waiting.set(base, [number]);
      }
    for (let start = named.pop(); start !== undefined; start = named.pop()) {
      const { name = "" } = this.entry(start);
      for (const base of [start, name]) {
        for (const number of waiting.get(base) ?? [])
          if (await this.nameDelta(number, this.entry(number), this.entry(start))) named.push(number);
        // An object may be there twice; what starts from it by its name is named once.
        waiting.delete(base);
      }
    }
  }

  /** @returns Whether it has a name now. One that is too large is left without: whoever needs it is told. */
  private async nameDelta(number: number, entry: Entry, start: Entry): Promise<boolean> {
    const size = await this.madeSize(entry);
    if (size === undefined || (start.made ?? start.size) > IN_MEMORY_BYTES) return false;
    entry.type = start.type;
    entry.made = size;
    const contents = await this.contents(number);
    const name = createHash("sha1")
      .update(`${entry.type ?? ""} ${contents.byteLength}\0`)
      .update(contents);
    this.setName(number, entry, name.digest("hex"));
    return true;
  }

  private setName(number: number, entry: Entry, name: string): void {
    entry.name = name;
    this.byName.set(name, number);
  }

  /** The size of what a delta makes, or undefined where it is too large for memory. */
  private async madeSize(entry: Entry): Promise<number | undefined> {
    if (entry.size > IN_MEMORY_BYTES) return undefined;
    const { result } = deltaSizes(await this.inflate(entry));
    return result > IN_MEMORY_BYTES ? undefined : result;
  }

  private baseOf({ base }: Entry): number | undefined {
    return typeof base === "string" ? this.byName.get(base) : base;
  }

  private async contents(number: number): Promise<Buffer> {
    // From the object down to what is stored as it is, and up again: a chain may be too long for calls within calls.
    const chain: Entry[] = [];
    const numbers: number[] = [];
    let at = number;
    let found = this.recent.get(at);
    while (found === undefined) {
      const entry = this.entry(at);
      const base = this.baseOf(entry);
      if (base === undefined) {
        found = await this.inflate(entry);
        break;
      }
      chain.push(entry);
      numbers.push(at);
      at = base;
      found = this.recent.get(at);
    }
    for (let link = chain.length - 1; link >= 0; link--) {
      const [entry, made] = [chain[link], numbers[link]];
      if (entry === undefined || made === undefined) break;
      found = this.apply(found, await this.inflate(entry));
      this.recent.put(made, found);
    }
    if (chain.length === 0) this.recent.put(number, found);
    return found;
  }

  private apply(base: Buffer, delta: Buffer): Buffer {
    this.count(deltaSizes(delta).result);
    return applyDelta(base, delta);
  }

  private async inflate({ offset, size }: Entry): Promise<Buffer> {
    if (size > IN_MEMORY_BYTES) throw new PackTooLarge(`an object is larger than ${IN_MEMORY_BYTES} bytes`);
    await this.breathe();
    this.count(size);
    const chunks: Buffer[] = [];
    await this.file.inflate(offset, size, (chunk) => chunks.push(chunk));
    return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
  }

  /** Counts what is inflated or made, again and again if need be: work, not space. */
  private count(bytes: number): void {
    if ((this.inflated += bytes) > this.limits.inflatedBytes)
      throw new PackTooLarge("the commit is too large to be unpacked");
  }

  /** Lets others have their turn, and stops where the fetch was called off. */
  private async breathe(): Promise<void> {
    if (performance.now() - this.breathed < BREATH_MS) return;
    await setImmediate();
    this.breathed = performance.now();
    this.signal.throwIfAborted();
  }
}

/** The number of the object that a delta starts from, which lies that far before it. */
function startOf(distance: number, at: number, numbers: ReadonlyMap<number, number>): number {
  const base = distance === 0 ? undefined : numbers.get(at - distance);
  if (base === undefined) throw new PackError("a delta starts from nothing");
  return base;
}

/** Whether an error says that a pack is damaged. */
export const isDamage = (error: unknown): error is Error =>
  error instanceof PackError || error instanceof DeltaError;
