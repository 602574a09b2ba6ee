import type { Connector, Database } from './connector.ts';

/** Stands in front of a connector's Database; see core/connector.ts. */
export function guard(_database: Database, _connector: Connector): Database {
  throw new Error('pending');
}
