import { connect } from '@lancedb/lancedb';
import * as arrow from 'apache-arrow';
import { type Cities, DIMENSION, noCities, type OpenTechnique } from './technique.ts';

const VECTOR = new arrow.FixedSizeList(DIMENSION, new arrow.Field('item', new arrow.Float32(), true));
/** The metadata that these records have: a column each, so that it can be filtered by. */
const COLUMNS: Record<string, arrow.DataType> = {
  name: new arrow.Utf8(),
  country: new arrow.Utf8(),
  iso: new arrow.Utf8(),
  continent: new arrow.Utf8(),
  population: new arrow.Int64(),
  geonameId: new arrow.Int64(),
  lat: new arrow.Float64(),
  lon: new arrow.Float64(),
  timezone: new arrow.Utf8(),
  capital: new arrow.Bool(),
  alsoKnownAs: new arrow.List(new arrow.Field('item', new arrow.Utf8(), true)),
};
const SCHEMA = new arrow.Schema([
  new arrow.Field('id', new arrow.Utf8(), false),
  new arrow.Field('vector', VECTOR, true),
  new arrow.Field('document', new arrow.Utf8(), true),
  ...Object.entries(COLUMNS).map(([name, type]) => new arrow.Field(name, type, true)),
]);

/** A merge of one Arrow batch at a time, as merges of one table cannot run side by side; one stream of record batches out. */
export const open: OpenTechnique = async (place, name) => {
  const db = await connect(String(place.options.path));
  const table = await db.createEmptyTable(name, SCHEMA);
  return {
    async write(batches) {
      for (const cities of batches) {
        const merge = table.mergeInsert('id').whenMatchedUpdateAll().whenNotMatchedInsertAll();
        await merge.execute(encode(cities));
      }
    },
    async read() {
      const pages: Cities[] = [];
      for await (const batch of table.query()) pages.push(decode(batch));
      return pages;
    },
    drop: () => db.dropTable(name),
    close: async () => db.close(),
  };
};

function encode(cities: Cities): arrow.Table {
  const length = cities.count;
  const objects = cities.metadata.map(text => JSON.parse(text as string) as Record<string, unknown>);
  const child = arrow.makeData({
    type: VECTOR.children[0]!.type as arrow.Float32,
    data: cities.vectors,
  });
  const columns = [
    utf8(cities.ids),
    arrow.makeData({ type: VECTOR, length, nullCount: 0, child }),
    utf8(cities.documents),
    ...Object.entries(COLUMNS).map(([name, type]) =>
      column(
        type,
        objects.map(object => object[name]),
      ),
    ),
  ];
  const data = arrow.makeData({ type: new arrow.Struct(SCHEMA.fields), length, nullCount: 0, children: columns });
  return new arrow.Table(SCHEMA, [new arrow.RecordBatch(SCHEMA, data)]);
}

function column(type: arrow.DataType, values: unknown[]): arrow.Data {
  const length = values.length;
  if (arrow.DataType.isUtf8(type)) return utf8(values as string[]);
  if (arrow.DataType.isInt(type))
    return arrow.makeData({ type, length, data: BigInt64Array.from(values as number[], BigInt) } as never);
  if (arrow.DataType.isFloat(type))
    return arrow.makeData({ type, length, data: Float64Array.from(values as number[]) } as never);
  if (arrow.DataType.isBool(type)) {
    const data = new Uint8Array((length + 7) >> 3);
    values.forEach((value, row) => {
      if (value) data[row >> 3]! |= 1 << (row & 7);
    });
    return arrow.makeData({ type, length, data });
  }
  const valueOffsets = new Int32Array(length + 1);
  (values as string[][]).forEach((list, row) => {
    valueOffsets[row + 1] = valueOffsets[row]! + list.length;
  });
  const child = utf8((values as string[][]).flat());
  return arrow.makeData({ type: type as arrow.List, length, nullCount: 0, valueOffsets, child });
}

function utf8(values: string[]): arrow.Data {
  const data = Buffer.from(values.join(''));
  const valueOffsets = new Int32Array(values.length + 1);
  values.forEach((value, row) => {
    valueOffsets[row + 1] = valueOffsets[row]! + Buffer.byteLength(value);
  });
  return arrow.makeData({ type: new arrow.Utf8(), length: values.length, nullCount: 0, valueOffsets, data });
}

function decode(batch: arrow.RecordBatch): Cities {
  const cities = noCities(batch.numRows);
  const values = (name: string): ArrayLike<unknown> => batch.getChild(name)!.toArray();
  const vectors = batch.getChild('vector')!.data[0]!.children[0]!.values as Float32Array;
  cities.vectors.set(vectors.subarray(0, cities.vectors.length));
  cities.ids = values('id') as string[];
  cities.documents = values('document') as string[];
  const names = Object.keys(COLUMNS);
  const columns = names.map(values);
  for (let row = 0; row < batch.numRows; row++) {
    const object: Record<string, unknown> = {};
    for (let i = 0; i < names.length; i++) {
      const value = columns[i]![row];
      object[names[i]!] =
        typeof value === 'bigint' ? Number(value) : value instanceof arrow.Vector ? value.toArray() : value;
    }
    cities.metadata[row] = object;
  }
  return cities;
}
