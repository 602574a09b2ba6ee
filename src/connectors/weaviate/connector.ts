import type { Call, Connector, Database, Options, Secrets } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import { endpointText, tlsFiles, weaviateAddress } from './address.ts';
import { classify } from './classify.ts';
import { WeaviateDatabase } from './database.ts';
import { manifest } from './manifest.ts';
import { GrpcLink } from './wire/grpc.ts';
import { RestLink } from './wire/rest.ts';

export const connector: Connector = {
  manifest,

  endpoint: (options: Options) => endpointText(weaviateAddress(options)),

  async connect(options: Options, secrets: Secrets, call: Call): Promise<Database> {
    const address = weaviateAddress(options);
    const tls = tlsFiles(options);
    const rest = new RestLink(address, tls, secrets.apiKey);
    const grpc = new GrpcLink(address, tls, secrets.apiKey);
    try {
      // The gRPC health service looks at no key, the REST interface does.
      const { version } = await rest.json<{ version?: string }>('GET', '/v1/meta', undefined, call);
      if (typeof version !== 'string') throw notWeaviate();
      await grpc.check(call);
      return new WeaviateDatabase({ rest, grpc, version });
    } catch (error) {
      rest.close();
      grpc.close();
      throw error;
    }
  },

  classify,
};

function notWeaviate(): VdbError {
  return new VdbError('protocol', 'the server at that address does not answer as Weaviate does', {
    reason: 'bad_answer',
    outcome: 'not_applied',
    hint: 'Check that the address is that of a Weaviate server.',
  });
}
