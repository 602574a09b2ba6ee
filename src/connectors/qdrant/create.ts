import type { Call } from '../../core/connector.ts';
import type { CollectionSpec, VectorSpec } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import type { RawInfo, RawVector } from './layout.ts';
import { distanceOf } from './metrics.ts';
import { type Client, pathOf } from './wire/client.ts';

/** In characters (common/src/validation.rs of Qdrant 1.19). */
export const NAME_LENGTH = 255;
export const DIMENSIONS = 65_536;

const DATATYPES = { f16: 'float16', u8: 'uint8' } as const;
const QUANTIZATION: Record<string, unknown> = {
  scalar: { scalar: { type: 'int8' } },
  binary: { binary: {} },
  product: { product: { compression: 'x16' } },
};

/** What `--index-option` takes, and where it goes. */
const OPTIONS: Record<string, { place: 'hnsw_config' | 'optimizers_config' | ''; type: 'integer' | 'boolean' }> = {
  m: { place: 'hnsw_config', type: 'integer' },
  ef_construct: { place: 'hnsw_config', type: 'integer' },
  full_scan_threshold: { place: 'hnsw_config', type: 'integer' },
  payload_m: { place: 'hnsw_config', type: 'integer' },
  on_disk: { place: 'hnsw_config', type: 'boolean' },
  indexing_threshold: { place: 'optimizers_config', type: 'integer' },
  on_disk_payload: { place: '', type: 'boolean' },
  shard_number: { place: '', type: 'integer' },
  replication_factor: { place: '', type: 'integer' },
};

/** Makes the collection, with its payload indexes when the spec comes from a Qdrant. Throws `invalid`, `exists`. */
export async function create(client: Client, spec: CollectionSpec, call: Call): Promise<void> {
  checkName(spec.name);
  const native = spec.native?.provider === 'qdrant' ? (spec.native.config as RawInfo) : undefined;
  await client.json('PUT', pathOf('collections', spec.name), createBody(spec, native), call);
  for (const [field_name, { data_type, params }] of Object.entries(native?.payload_schema ?? {})) {
    const body = { field_name, field_schema: params ?? data_type };
    await client.json('PUT', `${pathOf('collections', spec.name, 'index')}?wait=true`, body, call);
  }
}

export function createBody(spec: CollectionSpec, native: RawInfo | undefined): Record<string, unknown> {
  const dense = spec.vectors.filter(({ kind }) => kind !== 'sparse');
  const sparse = spec.vectors.filter(({ kind }) => kind === 'sparse');
  const params = native?.config.params;
  const was = params?.vectors ?? {};
  const settings = (name: string): Partial<RawVector> =>
    (typeof was.size === 'number'
      ? name === ''
        ? (was as RawVector)
        : {}
      : (was as Record<string, RawVector>)[name]) ?? {};
  const sole = dense.length === 1 && dense[0]!.name === '';
  const body: Record<string, unknown> = {
    ...(params?.on_disk_payload !== undefined && { on_disk_payload: params.on_disk_payload }),
    ...(native && { hnsw_config: native.config.hnsw_config, optimizers_config: native.config.optimizer_config }),
    ...(native?.config.quantization_config != null && { quantization_config: native.config.quantization_config }),
    ...(native?.config.metadata && { metadata: native.config.metadata }),
    vectors: sole
      ? vectorBody(dense[0]!, settings(''))
      : Object.fromEntries(dense.map(each => [each.name, vectorBody(each, settings(each.name))])),
  };
  if (sparse.length > 0) {
    body.sparse_vectors = Object.fromEntries(
      sparse.map(each => [each.name, sparseBody(each, params?.sparse_vectors?.[each.name])]),
    );
  }
  for (const [name, text] of Object.entries(spec.indexOptions ?? {})) setOption(body, name, text);
  return body;
}

function vectorBody(spec: VectorSpec, was: Partial<RawVector>): Record<string, unknown> {
  const { size: _, distance: __, datatype, multivector_config, ...settings } = was;
  const own = spec.element === 'f16' || spec.element === 'u8' ? DATATYPES[spec.element] : undefined;
  // The model holds the rows of a multi-vector as f32, whatever the store keeps.
  const kept = own ?? (spec.kind === 'multi' ? datatype : undefined);
  return {
    ...settings,
    size: spec.dimension,
    distance: distanceOf(spec.metric ?? 'cosine'),
    ...(kept && { datatype: kept }),
    ...(spec.kind === 'multi' && { multivector_config: multivector_config ?? { comparator: 'max_sim' } }),
  };
}

function sparseBody(spec: VectorSpec, was: Record<string, unknown> = {}): Record<string, unknown> {
  if (spec.metric !== null && spec.metric !== 'dot') {
    throw new VdbError('unsupported', `Qdrant compares sparse vectors by dot product, not ${spec.metric}`, {
      outcome: 'not_applied',
    });
  }
  return was;
}

function setOption(body: Record<string, unknown>, name: string, text: string): void {
  if (name === 'quantization') {
    if (QUANTIZATION[text] === undefined)
      throw badOption(`quantization is ${Object.keys(QUANTIZATION).join(', ')}, not '${text}'`);
    body.quantization_config = QUANTIZATION[text];
    return;
  }
  const option = OPTIONS[name];
  if (option === undefined) {
    throw badOption(`'${name}' is not an index option`, `It has: quantization, ${Object.keys(OPTIONS).join(', ')}.`);
  }
  const { place, type } = option;
  if (type === 'integer' ? !/^\d{1,9}$/.test(text) : !/^(true|false)$/.test(text)) {
    throw badOption(
      `the index option ${name} is ${type === 'integer' ? 'a whole number' : 'true or false'}, not '${text}'`,
    );
  }
  const value: unknown = JSON.parse(text);
  if (place === '') body[name] = value;
  else body[place] = { ...(body[place] as Record<string, unknown> | undefined), [name]: value };
}

/** Names become directories of the server; `.` and `..` would be steps in the path of a request. */
function checkName(name: string): void {
  if (!/[/\\<>:"|?*\p{Cc}]/u.test(name) && !/^\.\.?$/.test(name)) return;
  throw new VdbError('invalid', `${JSON.stringify(name)} cannot be the name of a collection`, {
    outcome: 'not_applied',
    hint: 'Leave out / \\ < > : " | ? * and control characters.',
  });
}

function badOption(message: string, hint?: string): VdbError {
  return new VdbError('invalid', message, { outcome: 'not_applied', ...(hint !== undefined && { hint }) });
}
