/** Objects that were made last, by number, up to a sum of bytes. */
export class RecentObjects {
  private readonly objects = new Map<number, Buffer>();
  private bytes = 0;

  constructor(private readonly most: number) {}

  get(number: number): Buffer | undefined {
    const found = this.objects.get(number);
    if (found === undefined) return undefined;
    // To the end: what was used last goes last.
    this.objects.delete(number);
    this.objects.set(number, found);
    return found;
  }

  put(number: number, object: Buffer): void {
    if (this.objects.has(number) || object.byteLength > this.most) return;
    this.objects.set(number, object);
    this.bytes += object.byteLength;
    for (const [oldest, { byteLength }] of this.objects) {
      if (this.bytes <= this.most) return;
      this.objects.delete(oldest);
      this.bytes -= byteLength;
    }
  }
}
