import { randomUUID } from 'node:crypto';

/** Tells this run of the daemon from any other. */
export const INSTANCE: string = randomUUID();
