import type { Call } from '../../core/connector.ts';
import type { CollectionSpec } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import { type Collection, checked, NOTE, type Server, spaceFor } from './collection.ts';

/** Options of `hnsw`; all are whole numbers but resize_factor. The space is the metric's matter. */
const INDEX_OPTIONS = [
  'ef_construction',
  'ef_search',
  'max_neighbors',
  'num_threads',
  'resize_factor',
  'sync_threshold',
  'batch_size',
];

/** Makes a collection. The server takes the dimension from the first record only, so it is noted in the metadata. */
export async function create(server: Server, spec: CollectionSpec, call: Call): Promise<Collection> {
  const [vector] = spec.vectors;
  if (vector === undefined || vector.name !== '') {
    throw new VdbError('unsupported', 'every record of a Chroma collection has one vector, which has no name', {
      outcome: 'not_applied',
    });
  }
  const native = nativeOf(spec);
  const hnsw = { ...native.hnsw, ...indexOptions(spec), space: spaceFor(vector.metric ?? 'cosine') };
  const body = {
    name: spec.name,
    metadata: { ...native.metadata, [NOTE]: JSON.stringify({ dimension: vector.dimension }) },
    configuration: { hnsw, ...(native.embedding_function ? { embedding_function: native.embedding_function } : {}) },
  };
  return checked(await server.link.json<Collection>('POST', `${server.root}/collections`, body, call));
}

function indexOptions({ indexOptions = {} }: CollectionSpec): Record<string, number> {
  return Object.fromEntries(
    Object.entries(indexOptions).map(([name, text]) => {
      if (!INDEX_OPTIONS.includes(name)) {
        throw new VdbError('usage', `'${name}' is not an index option of Chroma`, {
          outcome: 'not_applied',
          hint: `It has ${INDEX_OPTIONS.join(', ')}.`,
        });
      }
      const value = Number(text);
      if (text.trim() === '' || !Number.isFinite(value)) {
        throw new VdbError('usage', `the index option ${name} is '${text}', not a number`, { outcome: 'not_applied' });
      }
      return [name, value];
    }),
  );
}

interface Native {
  hnsw: Record<string, unknown>;
  embedding_function?: unknown;
  metadata: Record<string, unknown>;
}

/** What `describe` said of a collection of this provider. */
function nativeOf({ native }: CollectionSpec): Native {
  if (native?.provider !== 'chroma') return { hnsw: {}, metadata: {} };
  const { configuration, metadata } = native.config as Partial<Pick<Collection, 'metadata'>> & {
    configuration?: Collection['configuration_json'];
  };
  const hnsw = Object.entries(configuration?.hnsw ?? {}).filter(([name]) => INDEX_OPTIONS.includes(name));
  // Lists in a collection's metadata panic the server (1.5.9), and `hnsw:…` is what it was before there was a configuration.
  const scalars = Object.entries(metadata ?? {}).filter(
    ([name, value]) => (typeof value !== 'object' || value === null) && !name.startsWith('hnsw:'),
  );
  return {
    hnsw: Object.fromEntries(hnsw),
    embedding_function: configuration?.embedding_function,
    metadata: Object.fromEntries(scalars),
  };
}
