/** Where a part of the builder says what happens, as pino takes it: fields, then one line. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

const nothing = (): void => undefined;

/** Says nothing. */
export const silent: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
