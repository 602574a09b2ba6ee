import { arrow } from './arrow.ts';
import type { Cells } from './cells.ts';
import type { Stored } from './columnData.ts';
import type { Field } from './field.ts';

/** Whole numbers up to here are exact as binary64 *and* told from floats by `_vdb_x`. */
export const EXACT = 2 ** 53;

/** True when a binary64 of this value would be read back as an integer. */
export function looksInteger(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) <= EXACT && !Object.is(value, -0);
}

/**
 * The value as the column stores it so that it reads back equal, or undefined: it belongs into the sidecar.
 * `pure`: a float column all of whose numbers are floats (it was there before the sidecar).
 */
export function storedValue(
  field: Field,
  pure: boolean,
  value: Cells['values'][number],
): Exclude<Stored, null> | undefined {
  if (field.list) {
    if (!Array.isArray(value)) return undefined;
    return value.every(item => storedScalar(field, true, item) !== undefined) ? value : undefined;
  }
  return Array.isArray(value) ? undefined : storedScalar(field, pure, value);
}

function storedScalar({ kind, type }: Field, pure: boolean, value: Stored): Exclude<Stored, null> | undefined {
  switch (kind) {
    case 'bool':
      return typeof value === 'boolean' ? value : undefined;
    case 'text':
      return typeof value === 'string' ? value : undefined;
    case 'int':
      return typeof value === 'bigint' && inRange(type, value) ? value : undefined;
    case 'float':
      if (typeof value === 'bigint') return !pure && value >= -EXACT && value <= EXACT ? Number(value) : undefined;
      return typeof value === 'number' && isExact(type, value) ? value : undefined;
    case 'other':
      return undefined;
  }
}

function inRange(type: Field['type'], value: bigint): boolean {
  if (arrow.DataType.isList(type)) return true;
  const { isSigned, bitWidth } = type as import('apache-arrow').Int;
  return (isSigned ? BigInt.asIntN(bitWidth, value) : BigInt.asUintN(bitWidth, value)) === value;
}

function isExact(type: Field['type'], value: number): boolean {
  const single = arrow.DataType.isFloat(type) && type.precision === arrow.Precision.SINGLE;
  return !single || Object.is(Math.fround(value), value);
}
