import { connector } from '../../../src/connectors/neo4j/connector.ts';
import type { Database, Options, Secrets } from '../../../src/core/connector.ts';
import { guard } from '../../../src/core/guard.ts';
import { Secret } from '../../../src/core/secret.ts';
import { newCall } from '../../contract/directSubject.ts';
import type { Access } from '../../servers/access.ts';

/** What a profile for the server says. */
export function profileOf({ url, user = 'neo4j', password = '' }: Access): { options: Options; secrets: Secrets } {
  return { options: { url, user }, secrets: { password: new Secret(password) } };
}

/** A guarded connection. */
export async function open(access: Access, more: Options = {}): Promise<Database> {
  const { options, secrets } = profileOf(access);
  return guard(await connector.connect({ ...options, ...more }, secrets, newCall()), connector);
}
