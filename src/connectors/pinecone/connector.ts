import { readFile } from 'node:fs/promises';
import type { Call, Connector, Database, Options, Secrets } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import { classify } from './classify.ts';
import { ControlPlane } from './controlPlane.ts';
import { PineconeDatabase } from './database.ts';
import { Link } from './link.ts';
import { manifest } from './manifest.ts';
import { baseUrl } from './wire/host.ts';
import { Http } from './wire/http.ts';

const CONTROLLER = 'https://api.pinecone.io';

export const connector: Connector = {
  manifest,
  classify,

  endpoint: options => new URL(controller(options)).host,

  async connect(options: Options, secrets: Secrets, call: Call): Promise<Database> {
    const { apiKey } = secrets;
    if (!apiKey || !/^[\x21-\x7e]+$/.test(apiKey.reveal())) {
      throw new VdbError('denied', apiKey ? 'the API key holds what no key does' : 'Pinecone needs an API key', {
        reason: 'auth',
        outcome: 'not_applied',
        hint: 'Give one with --api-key-stdin or --secret apiKey=env:NAME.',
      });
    }
    const url = controller(options);
    const http = new Http({
      ...(options.ca !== undefined && { ca: await readFile(String(options.ca)) }),
      ...(options.insecure === true && { insecure: true }),
    });
    const { documentField = 'text', cloud = 'aws', region = 'us-east-1' } = options;
    const settings = { documentField: String(documentField), cloud: String(cloud), region: String(region) };
    const database = new PineconeDatabase(new Link(http, new ControlPlane(http, url, apiKey), apiKey, settings), url);
    try {
      await database.ping(call);
    } catch (error) {
      await database.close();
      throw error;
    }
    return database;
  },
};

function controller({ controllerUrl = CONTROLLER }: Options): string {
  return baseUrl(String(controllerUrl));
}
