import { Client, credentials, Metadata } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { closeConnections, send } from './http.ts';
import { type Cities, DIMENSION, inFlight, noCities, type OpenTechnique, uuidOf } from './technique.ts';

/** What is needed of package weaviate.v1. */
const { root } = protobuf.parse(
  `syntax = "proto3";
  message BatchRequest { repeated Object objects = 1; }
  message Object { string uuid = 1; Properties properties = 3; string collection = 4; bytes vector_bytes = 6; }
  message Properties { Struct non_ref_properties = 1; repeated TextArray text_array_properties = 6; }
  message TextArray { repeated string values = 1; string prop_name = 2; }
  message Struct { map<string, StructValue> fields = 1; }
  message StructValue { oneof kind { double number_value = 2; string string_value = 3; bool bool_value = 4; } }
  message BatchReply { repeated BatchError errors = 2; }
  message BatchError { int32 index = 1; string error = 2; }
  message SearchRequest { string collection = 1; Wanted properties = 20; About metadata = 21; uint32 limit = 30; string after = 33; bool uses_127_api = 102; }
  message Wanted { bool return_all_nonref_properties = 11; }
  message About { bool uuid = 1; bool vector = 2; }
  message SearchReply { repeated Result results = 2; }
  message Result { Found properties = 1; Meta metadata = 2; }
  message Found { Fields non_ref_props = 11; }
  message Meta { string id = 1; bytes vector_bytes = 19; }
  message Fields { map<string, Value> fields = 1; }
  message Value { oneof kind { double number_value = 1; bool bool_value = 3; List list_value = 5; string text_value = 13; } }
  message List { Texts text_values = 8; }
  message Texts { repeated string values = 1; }`,
  { keepCase: true },
);

const TEXT = { dataType: ['text'], tokenization: 'field', indexSearchable: false };
const PROPERTIES = [
  { name: 'document', dataType: ['text'], tokenization: 'word' },
  ...['key', 'name', 'country', 'iso', 'continent', 'timezone'].map(name => ({ name, ...TEXT })),
  ...['population', 'geonameId', 'lat', 'lon'].map(name => ({ name, dataType: ['number'] })),
  { name: 'capital', dataType: ['boolean'] },
  { name: 'alsoKnownAs', ...TEXT, dataType: ['text[]'] },
];

interface Result {
  properties: { non_ref_props: { fields: Record<string, Value> } };
  metadata: { id: string; vector_bytes: Uint8Array };
}

interface Value {
  kind: string;
  list_value?: { text_values: { values: string[] } };
  [kind: string]: unknown;
}

/** gRPC with vectors as bytes: batches of 1 to 4 MB, Search behind the last id. The class has the indexes that vdb's has. */
export const open: OpenTechnique = async (place, name) => {
  const url = new URL(String(place.options.url));
  const collection = `${name[0]!.toUpperCase()}${name.slice(1)}`;
  const authorization = `Bearer ${place.secrets.apiKey ?? ''}`;
  const definition = {
    class: collection,
    properties: PROPERTIES,
    vectorizer: 'none',
    vectorIndexConfig: { distance: 'cosine' },
    invertedIndexConfig: { indexNullState: true, indexPropertyLength: true },
  };
  await send('POST', `${url.origin}/v1/schema`, JSON.stringify(definition), { authorization });
  const client = new Client(`${url.hostname}:${place.options.grpcPort}`, credentials.createInsecure(), {
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
  });
  const metadata = new Metadata();
  metadata.set('authorization', authorization);
  const call = <T>(method: string, request: string, reply: string, message: object): Promise<T> => {
    const [input, output] = [root.lookupType(request), root.lookupType(reply)];
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    client.makeUnaryRequest(
      `/weaviate.v1.Weaviate/${method}`,
      (value: object) => Buffer.from(input.encode(value).finish()),
      bytes => output.decode(bytes) as T,
      message,
      metadata,
      (error, value) => (error ? reject(error) : resolve(value!)),
    );
    return promise;
  };
  return {
    write: (batches, most) =>
      inFlight(batches, most, async cities => {
        const objects = encode(cities, collection);
        const { errors } = await call<{ errors: { error: string }[] }>('BatchObjects', 'BatchRequest', 'BatchReply', {
          objects,
        });
        if (errors.length > 0) throw new Error(errors[0]!.error);
      }),
    async read(limit) {
      const page = (after?: string) =>
        call<{ results: Result[] }>('Search', 'SearchRequest', 'SearchReply', {
          collection,
          properties: { return_all_nonref_properties: true },
          metadata: { uuid: true, vector: true },
          limit,
          after,
          uses_127_api: true,
        });
      const pages: Cities[] = [];
      for (let next = page(); ; ) {
        const { results } = await next;
        if (results.length === 0) break;
        next = page(results.at(-1)!.metadata.id);
        pages.push(decode(results));
      }
      return pages;
    },
    drop: async () =>
      void (await send('DELETE', `${url.origin}/v1/schema/${collection}`, undefined, { authorization })),
    async close() {
      client.close();
      closeConnections();
    },
  };
};

function encode(cities: Cities, collection: string): object[] {
  const { buffer, byteOffset } = cities.vectors;
  const objects: object[] = [];
  for (let row = 0; row < cities.count; row++) {
    const id = cities.ids[row]!;
    const { alsoKnownAs, ...metadata } = JSON.parse(cities.metadata[row] as string);
    const fields: Record<string, object> = {};
    for (const [key, value] of Object.entries({ ...metadata, key: id, document: cities.documents[row] })) {
      if (typeof value === 'string') fields[key] = { string_value: value };
      else fields[key] = typeof value === 'number' ? { number_value: value } : { bool_value: value };
    }
    objects.push({
      uuid: uuidOf(id),
      collection,
      vector_bytes: new Uint8Array(buffer, byteOffset + row * DIMENSION * 4, DIMENSION * 4),
      properties: {
        non_ref_properties: { fields },
        text_array_properties: [{ prop_name: 'alsoKnownAs', values: alsoKnownAs }],
      },
    });
  }
  return objects;
}

function decode(results: Result[]): Cities {
  const cities = noCities(results.length);
  const target = new Uint8Array(cities.vectors.buffer);
  results.forEach(({ properties, metadata: { vector_bytes } }, row) => {
    target.set(vector_bytes, row * DIMENSION * 4);
    // An empty list is not kept.
    const metadata: Record<string, unknown> = { alsoKnownAs: [] };
    for (const [key, value] of Object.entries(properties.non_ref_props.fields)) {
      const found = value.list_value ? value.list_value.text_values.values : value[value.kind];
      if (key === 'key') cities.ids[row] = found as string;
      else if (key === 'document') cities.documents[row] = found as string;
      else metadata[key] = found;
    }
    cities.metadata[row] = metadata;
  });
  return cities;
}
