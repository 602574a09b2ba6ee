import { VdbError } from '../model/errors.ts';
import { checkName, parseRef } from '../model/ref.ts';
import type { TargetParams } from '../protocol/methods/shared.ts';
import type { Environment } from './environment.ts';
import type { GlobalValues } from './globalOptions.ts';

/**
 * The collection meant: what REF names, then flags, then environment; the daemon fills in the rest from the session.
 * A part named both by REF and by a flag, differently, is refused; `.` names none.
 */
export function resolveTarget(ref: string | undefined, flags: GlobalValues, environment: Environment): TargetParams {
  const named: TargetParams = ref === undefined ? {} : { ...parseRef(ref) };
  const isActive = named.connection === '.';
  if (isActive) delete named.connection;
  for (const part of ['connection', 'collection', 'partition'] as const) {
    const flag = flags[part];
    if (flag === undefined) continue;
    if (named[part] !== undefined && named[part] !== flag) {
      throw new VdbError('usage', `'${ref}' and --${part} ${flag} name different ${part}s`, {
        hint: 'Leave out one of them.',
      });
    }
    named[part] = flag;
  }
  named.connection ??= environment.connection ?? (isActive ? '.' : undefined);
  named.collection ??= environment.collection;
  if (named.connection !== undefined && named.connection !== '.') checkName(named.connection, 'connection');
  return withoutUndefined(named);
}

/** NAME or a REF with a slash, as `collection` commands take it. */
export function resolveCollection(
  name: string | undefined,
  flags: GlobalValues,
  environment: Environment,
): TargetParams {
  if (name === undefined || name.includes('/')) return resolveTarget(name, flags, environment);
  return resolveTarget(undefined, { ...flags, collection: decodePart(name) }, environment);
}

/** NAME of a partition or a whole REF, as `partition` commands take it. */
export function resolvePartition(name: string, flags: GlobalValues, environment: Environment): TargetParams {
  if (!name.includes('/')) return resolveTarget(undefined, { ...flags, partition: decodePart(name) }, environment);
  if (parseRef(name).partition !== undefined) return resolveTarget(name, flags, environment);
  throw new VdbError('usage', `'${name}' names no partition`, {
    hint: 'Write NAME, or CONNECTION/COLLECTION/PARTITION.',
  });
}

/**
 * One end of a transfer. Only REF says where, so that no flag or variable redirects a copy; `.` alone means whatever is
 * active, which a source may leave unnamed and a target may not.
 */
export function transferEnd(
  ref: string,
  mayBeActive: boolean,
  flags: GlobalValues,
  environment: Environment,
): TargetParams {
  const end = parseRef(ref);
  const connection = end.connection === '.' ? (flags.connection ?? environment.connection ?? '.') : end.connection;
  if (end.collection !== undefined) return { ...end, connection };
  if (ref === '.' && mayBeActive) return resolveTarget(ref, flags, environment);
  throw new VdbError('usage', `'${ref}' names no collection`, { hint: `Write CONNECTION/COLLECTION, as ${ref}/docs.` });
}

function decodePart(part: string): string {
  return parseRef(`./${part}`).collection!;
}

function withoutUndefined(target: TargetParams): TargetParams {
  return Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined));
}
