import type { Collection, Point } from './collection.ts';
import type { Json, JsonObject, Printable } from './json.ts';
import { Raw } from './json.ts';
import { parsePath, valuesAt } from './jsonPath.ts';
import type { PointId } from './pointId.ts';
import { vectorJson } from './vectors.ts';

/** A point with the parts asked for; `payload` says what comes when the request does not mention it. */
export function shownPoint(
  collection: Collection,
  point: Point,
  body: JsonObject,
  payload: boolean,
): Record<string, Printable> {
  const withPayload = body.get('with_payload') ?? payload;
  const withVector = body.get('with_vector') ?? false;
  return {
    id: idJson(point.id),
    ...(withPayload !== false && { payload: selected(point.payload, withPayload) }),
    ...(withVector !== false && { vector: vectors(collection, point, withVector) }),
  };
}

export function idJson(id: PointId): Printable {
  return typeof id === 'bigint' ? new Raw(String(id)) : id;
}

function selected(payload: JsonObject, wanted: Json): Printable {
  if (!Array.isArray(wanted)) return payload;
  const tops = (wanted as string[]).map(path => parsePath(path));
  return new Map(
    [...payload].filter(([key]) =>
      tops.some(([top]) => top !== 'all' && 'key' in top! && top.key === key && valuesAt(payload, [top]).length > 0),
    ),
  );
}

function vectors(collection: Collection, point: Point, wanted: Json): Printable {
  const names = Array.isArray(wanted) ? (wanted as string[]) : undefined;
  const shown = [...point.vectors].filter(([name]) => names?.includes(name) ?? true);
  const sole = shown.length === 1 && shown[0]![0] === '' && collection.dense.has('');
  if (sole) return vectorJson(shown[0]![1], collection.isMulti(''));
  return Object.fromEntries(shown.map(([name, vector]) => [name, vectorJson(vector, collection.isMulti(name))]));
}
