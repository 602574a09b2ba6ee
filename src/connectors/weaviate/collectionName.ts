import { VdbError } from '../../model/errors.ts';

const LEGAL = /^[A-Z][_0-9A-Za-z]{0,254}$/;
export const NAME_BYTES = 255;

/** The first letter is always a capital. */
export function collectionForm(name: string): string {
  return name === '' ? name : name[0]!.toUpperCase() + name.slice(1);
}

/** The name of a new collection. Throws `invalid`. */
export function newCollectionName(name: string): string {
  const form = collectionForm(name);
  if (LEGAL.test(form)) return form;
  const near = `${/^[a-z]/i.test(name) ? '' : 'C'}${form.replace(/[^_0-9A-Za-z]+/g, '_')}`.slice(0, NAME_BYTES);
  throw new VdbError('invalid', `'${name}' cannot be the name of a Weaviate collection`, {
    outcome: 'not_applied',
    hint: `Use letters, digits and underscores, a letter first, such as ${near}.`,
  });
}
