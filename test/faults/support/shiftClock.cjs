// Loaded before a builder: its wall clock is off by CLOCK_SHIFT_MS milliseconds. The monotonic clock is right, as on a machine whose time was set wrongly.
"use strict";

const shiftMs = Number(process.env.CLOCK_SHIFT_MS);
const RightDate = Date;

globalThis.Date = class Date extends RightDate {
  constructor(...given) {
    if (given.length === 0) super(RightDate.now() + shiftMs);
    else super(...given);
  }

  static now() {
    return RightDate.now() + shiftMs;
  }
};
