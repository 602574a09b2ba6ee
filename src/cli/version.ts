declare const VDB_VERSION: string | undefined;

/** The build writes it in; from sources there is none. */
export const VERSION = typeof VDB_VERSION === 'string' ? VDB_VERSION : '0.0.0';
