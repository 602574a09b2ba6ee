import type { Field, Schema } from 'apache-arrow';
import type { CollectionSpec, VectorSpec } from '../../model/collection.ts';
import { VdbError } from '../../model/errors.ts';
import { arrow } from './arrow.ts';
import { declaredField } from './field.ts';
import { DOCUMENT, ID } from './layout.ts';
import { mayBeColumn } from './plan.ts';
import { DISTANCES } from './search.ts';
import { SIDECAR } from './sidecar.ts';
import { vectorField } from './vectorNote.ts';

/** The schema of a table of ours. Throws VdbError where the spec asks for what Lance has not. */
export function schemaOf(spec: CollectionSpec): Schema {
  const [option] = Object.keys(spec.indexOptions ?? {});
  if (option !== undefined)
    throw refuse(`index option '${option}' is not known to LanceDB tables`, 'Leave it out: searches are exact.');
  if (spec.partitioned) throw refuse('LanceDB tables have no partitions', 'Leave partitions out.');
  const taken = new Set([ID, DOCUMENT, SIDECAR]);
  const text = (name: string, nullable: boolean): Field => new arrow.Field(name, new arrow.Utf8(), nullable);
  const vectors = spec.vectors.map(vector => vectorField(checkVector(vector), taken));
  const names = new Set([...taken, ...spec.vectors.map(vector => vector.name)]);
  const fields = (spec.fields ?? []).map(declaredField).filter(field => field !== null);
  const columns = fields
    .filter(field => mayBeColumn(field.name, names))
    .map(field => new arrow.Field(field.name, field.type, true));
  return new arrow.Schema([text(ID, false), ...vectors, text(DOCUMENT, true), text(SIDECAR, true), ...columns]);
}

function checkVector(vector: VectorSpec): VectorSpec {
  const what = vector.name === '' ? 'the vector' : `vector '${vector.name}'`;
  if (vector.kind !== 'dense')
    throw refuse(`${what} is ${vector.kind}; LanceDB tables hold dense ones`, 'Leave it out.');
  if (vector.element !== 'f32' && vector.element !== 'f16')
    throw refuse(`${what} is of ${vector.element}`, 'Use f32 or f16.');
  if (vector.metric !== null && !(vector.metric in DISTANCES)) {
    throw refuse(`${what} has metric ${vector.metric}`, `Use one of ${Object.keys(DISTANCES).join(', ')}.`);
  }
  if (vector.dimension !== null && vector.dimension > 0) return vector;
  throw new VdbError('invalid', `${what} needs a dimension`, { outcome: 'not_applied' });
}

function refuse(message: string, hint: string): VdbError {
  return new VdbError('unsupported', message, { outcome: 'not_applied', hint });
}
