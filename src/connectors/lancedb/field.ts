import type { Field as ArrowField, DataType } from 'apache-arrow';
import type { FieldSpec } from '../../model/collection.ts';
import { arrow } from './arrow.ts';

/** What metadata values a column holds; `other`: only tables made by others have these, and they are read, not written. */
export type Kind = 'bool' | 'int' | 'float' | 'text' | 'other';

/** One metadata column. */
export interface Field {
  name: string;
  type: DataType;
  kind: Kind;
  /** Holds lists of that kind. */
  list: boolean;
}

export function fieldOf({ name, type }: ArrowField): Field {
  if (arrow.DataType.isList(type)) {
    const kind = scalarKind(type.valueType);
    // Lists of narrower numbers would need a cast in every filter.
    const native = ownType(kind, false)?.toString() === type.valueType.toString();
    return { name, type, kind: native ? kind : 'other', list: native };
  }
  return { name, type, kind: scalarKind(type), list: false };
}

function scalarKind(type: DataType): Kind {
  const { DataType: types, Precision } = arrow;
  if (types.isUtf8(type) || types.isLargeUtf8(type)) return 'text';
  if (types.isBool(type)) return 'bool';
  if (types.isInt(type)) return type.isSigned || type.bitWidth < 64 ? 'int' : 'other';
  if (types.isFloat(type) && type.precision !== Precision.HALF) return 'float';
  return 'other';
}

/** The column type that we make for a kind; null for `other`. */
export function ownType(kind: Kind, list: boolean): DataType | null {
  const scalar = {
    bool: () => new arrow.Bool(),
    int: () => new arrow.Int64(),
    float: () => new arrow.Float64(),
    text: () => new arrow.Utf8(),
    other: () => null,
  }[kind]();
  return list && scalar ? new arrow.List(new arrow.Field('item', scalar, true)) : scalar;
}

const SPEC_TYPES = { bool: 'boolean', int: 'integer', float: 'float', text: 'string', other: 'mixed' } as const;

export function specOf(field: Field, mixed: boolean): FieldSpec {
  if (mixed) return { name: field.name, type: 'mixed' };
  const { DataType: types } = arrow;
  if (types.isTimestamp(field.type) || types.isDate(field.type)) return { name: field.name, type: 'datetime' };
  if (types.isStruct(field.type)) return { name: field.name, type: 'object' };
  if (types.isBinary(field.type) || types.isLargeBinary(field.type)) return { name: field.name, type: 'bytes' };
  const type = SPEC_TYPES[field.kind];
  return { name: field.name, type: field.list ? `array<${type}>` : type };
}

/** The column for a declared field; null when only the sidecar can hold it. */
export function declaredField(spec: FieldSpec): Field | null {
  const list = spec.type.startsWith('array<');
  const name = list ? spec.type.slice(6, -1) : spec.type;
  const kind = (Object.keys(SPEC_TYPES) as Kind[]).find(candidate => SPEC_TYPES[candidate] === name);
  const type = kind ? ownType(kind, list) : null;
  return kind && type ? { name: spec.name, type, kind, list } : null;
}
