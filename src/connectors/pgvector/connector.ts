import type { Call, Connector, Database, Options, Secrets } from '../../core/connector.ts';
import { classify } from './classify.ts';
import { PgvectorDatabase } from './database.ts';
import type { LayoutOptions } from './introspect.ts';
import { manifest } from './manifest.ts';
import { pgAddress } from './pgAddress.ts';
import { PgliteLink } from './pgliteLink.ts';
import type { SqlLink } from './sqlLink.ts';

export const connector: Connector = {
  manifest,

  endpoint(options: Options): string {
    if (options.path !== undefined) return String(options.path);
    const { host, port, database } = pgAddress(options);
    const { schema = 'public' } = options;
    return `${host.includes(':') ? `[${host}]` : host}:${port}/${database}${schema === 'public' ? '' : `/${schema}`}`;
  },

  async connect(options: Options, secrets: Secrets, call: Call): Promise<Database> {
    return new PgvectorDatabase(await openLink(options, secrets, call), layoutOptions(options));
  },

  classify,
};

async function openLink(options: Options, secrets: Secrets, call: Call): Promise<SqlLink> {
  if (options.path !== undefined) return PgliteLink.open(String(options.path), call);
  const { PgLink } = await import('./pgLink.ts');
  return PgLink.open(pgAddress(options), secrets.password, call);
}

function layoutOptions(options: Options): LayoutOptions {
  const { schema = 'public', idColumn, documentColumn } = options;
  return {
    schema: String(schema),
    ...(idColumn !== undefined && { idColumn: String(idColumn) }),
    ...(documentColumn !== undefined && { documentColumn: String(documentColumn) }),
  };
}
