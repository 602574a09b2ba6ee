import type { Call, Connector, Database, Options, Secrets } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';
import { address, endpointOf, placeOf } from './address.ts';
import { classify } from './classify.ts';
import { ChromaDatabase } from './database.ts';
import { HttpFailure } from './httpFailure.ts';
import { type Auth, badAnswer, HttpLink } from './httpLink.ts';
import { manifest } from './manifest.ts';

/** What the local server says; it takes more all the same, Chroma Cloud does not. */
const BATCH_RECORDS = 5461;

export const connector: Connector = {
  manifest,
  endpoint: endpointOf,

  async connect(options: Options, secrets: Secrets, call: Call): Promise<Database> {
    const place = placeOf(options);
    const link = new HttpLink(address(options), (options.auth ?? 'token') as Auth, secrets.apiKey);
    try {
      const checks = await link.json<Checks | null>('GET', '/pre-flight-checks', undefined, call);
      if (typeof checks !== 'object' || checks === null) throw badAnswer('its pre-flight checks are no object');
      const root = `/tenants/${encodeURIComponent(place.tenant)}/databases/${encodeURIComponent(place.database)}`;
      // A missing one lists no collections, and no error (Chroma 1.5.9), so it is asked for.
      await link.json('GET', root, undefined, call).catch(error => {
        throw error instanceof HttpFailure && error.kind === 'NotFoundError' ? missing(place, error) : error;
      });
      const { max_batch_size = BATCH_RECORDS, supports_base64_encoding = false } = checks;
      return new ChromaDatabase({ link, root, base64: supports_base64_encoding }, max_batch_size);
    } catch (error) {
      link.close();
      throw error;
    }
  },

  classify,
};

interface Checks {
  max_batch_size?: number;
  supports_base64_encoding?: boolean;
}

function missing({ tenant, database }: { tenant: string; database: string }, error: HttpFailure): VdbError {
  return new VdbError('not_found', `the database '${database}' of tenant '${tenant}' does not exist`, {
    outcome: 'not_applied',
    cause: error.message,
    hint: 'Name existing ones with --tenant and --database.',
  });
}
