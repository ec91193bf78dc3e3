/** Paths below CONTEXT_URL. */
export const CONTEXT_PATH = "/context";
export const CREDENTIALS_PATH = "/credentials";
