import type { VectorSpec } from '../../model/collection.ts';
import type { Call, CollectionRef, Database } from '../connector.ts';
import type { StoredProfile } from '../profiles/profile.ts';

/** The use of a connection for one call or job. */
export interface Lease {
  /** Guarded. */
  database: Database;
  connection: string;
  profile: StoredProfile;
  endpoint: string;
  serverVersion: string;
  /** What vectors a collection has, remembered for half a minute. Throws `not_found`. */
  vectors(ref: CollectionRef, call: Call): Promise<VectorSpec[]>;
  /** To be called once the work is done, whatever became of it. */
  release(): void;
}

export interface LeaseOptions {
  /** Time for connecting; without it the setting's. */
  connectMs?: number;
  /** A job that works on a collection: disconnecting, dropping and removing are refused meanwhile. */
  job?: { id: string; collection: string; writes: boolean };
}
