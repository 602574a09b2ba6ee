import { connector } from '../../../src/connectors/chroma/connector.ts';
import type { Database, JsonValue, Options } from '../../../src/core/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import { newCall } from '../../contract/directSubject.ts';

/** A guarded link to the server at `url`. */
export async function openChroma(url: string, options: Options = {}): Promise<Database> {
  return guard(await connector.connect({ url, ...options }, {}, newCall()), connector);
}

let names = 0;

/** A collection name that no other case has. */
export function freshName(): string {
  return `t${process.pid.toString(36)}-${Date.now().toString(36)}-${names++}`;
}

/** Runs a native statement and gives its rows, parsed. */
export async function rows(database: Database, statement: string, params: Record<string, JsonValue> = {}) {
  const found: Record<string, unknown>[] = [];
  for await (const row of database.native!(statement, params, newCall())) found.push(JSON.parse(row));
  return found;
}
