import type { Call, Connector, Database, Options, Secrets } from '../../core/connector.ts';
import { neo4jAddress } from './address.ts';
import { classify } from './classify.ts';
import { Neo4jDatabase } from './database.ts';
import { manifest } from './manifest.ts';
import { openDriver } from './openDriver.ts';

export const connector: Connector = {
  manifest,

  endpoint(options: Options): string {
    const { host, port, database } = neo4jAddress(options);
    const place = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return database === undefined ? place : `${place}/${database}`;
  },

  async connect(options: Options, secrets: Secrets, call: Call): Promise<Database> {
    return Neo4jDatabase.open(openDriver(neo4jAddress(options), secrets, call), call);
  },

  classify,
};
