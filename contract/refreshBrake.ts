/**
 * When functions are built anew no more, as what the newer templates make fails: at so many that fail, and more than such a share of those that
 * were built anew. Some fail of their own, as what they install is gone: far fewer than of templates that are wrong.
 */
export const REFRESH_BRAKE = { failures: 3, share: 0.2 } as const;
