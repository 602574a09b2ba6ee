import { VdbError } from '../../model/errors.ts';

/** Longest name whose directory `<name>.lance` a file system takes. */
export const NAME_BYTES = 249;

export function isTableName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) && name.length <= NAME_BYTES;
}

/**
 * Lance itself takes `..`, `.x` and `-x`, and answers any character outside of these with a panic that writes to
 * stderr (0.37.1), so no other name ever reaches it.
 */
export function checkTableName(name: string): string {
  if (isTableName(name)) return name;
  throw new VdbError('invalid', `'${name}' cannot be the name of a table`, {
    outcome: 'not_applied',
    hint: `Use 1 to ${NAME_BYTES} of A-Z a-z 0-9 _ . - and begin with a letter, a digit or _.`,
  });
}
