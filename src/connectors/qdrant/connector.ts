import type { Call, Connector, Database, Options, Secrets } from '../../core/connector.ts';
import { endpointText, qdrantAddress } from './address.ts';
import { classify } from './classify.ts';
import { QdrantDatabase } from './database.ts';
import { manifest } from './manifest.ts';
import { Client } from './wire/client.ts';

export const connector: Connector = {
  manifest,

  endpoint: (options: Options) => endpointText(qdrantAddress(options)),

  async connect(options: Options, secrets: Secrets, call: Call): Promise<Database> {
    const client = new Client(options, secrets.apiKey);
    const database = new QdrantDatabase(client, String(options.documentKey ?? 'document'));
    try {
      // Any Qdrant tells its version to anyone, and its collections to who holds a key.
      await database.ping(call);
      await database.names(call);
    } catch (error) {
      client.close();
      throw error;
    }
    return database;
  },

  classify,
};
