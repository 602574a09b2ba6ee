/** The messages of proto.ts as they are given to and come from the gRPC link; absent fields of an answer have their defaults. */

export const OPERATOR = {
  equal: 1,
  notEqual: 2,
  greaterThan: 3,
  greaterThanEqual: 4,
  lessThan: 5,
  lessThanEqual: 6,
  and: 7,
  or: 8,
  like: 10,
  isNull: 11,
  containsAny: 12,
  not: 15,
} as const;

export interface Filters {
  operator: number;
  filters?: Filters[];
  target?: { property: string };
  value_text?: string;
  value_int?: number;
  value_boolean?: boolean;
  value_number?: number;
  value_text_array?: { values: string[] };
  value_int_array?: { values: number[] };
  value_boolean_array?: { values: boolean[] };
  value_number_array?: { values: number[] };
}

export const VECTOR_TYPE = { single: 1, multi: 2 } as const;

export interface Vectors {
  name: string;
  vector_bytes: Uint8Array;
  type: number;
}

export interface PropertiesRequest {
  non_ref_properties?: string[];
  ref_properties?: RefPropertiesRequest[];
  return_all_nonref_properties?: boolean;
}

export interface RefPropertiesRequest {
  reference_property: string;
  properties: PropertiesRequest;
  metadata: { uuid: boolean };
  target_collection: string;
}

export interface SearchRequest {
  collection: string;
  tenant?: string;
  properties: PropertiesRequest;
  metadata: { uuid: true; vector?: boolean; distance?: boolean; vectors?: string[] };
  limit: number;
  after?: string;
  filters?: Filters;
  near_vector?: NearVector;
}

export interface NearVector {
  /** Left out for the unnamed vector. */
  targets?: { target_vectors: string[] };
  vectors: Vectors[];
}

/** An int64 as protobufjs gives it. */
export type Int64 = number | { toString(): string };

export interface Value {
  kind?:
    | 'number_value'
    | 'bool_value'
    | 'object_value'
    | 'list_value'
    | 'date_value'
    | 'uuid_value'
    | 'int_value'
    | 'geo_value'
    | 'blob_value'
    | 'phone_value'
    | 'null_value'
    | 'text_value';
  number_value: number;
  bool_value: boolean;
  object_value: Properties;
  list_value: ListValue;
  date_value: string;
  uuid_value: string;
  int_value: Int64;
  geo_value: { longitude: number; latitude: number };
  blob_value: string;
  phone_value: PhoneNumber;
  text_value: string;
}

export interface PhoneNumber {
  country_code: Int64;
  default_country: string;
  input: string;
  international_formatted: string;
  national: Int64;
  national_formatted: string;
  valid: boolean;
}

export interface ListValue {
  kind?:
    | 'number_values'
    | 'bool_values'
    | 'object_values'
    | 'date_values'
    | 'uuid_values'
    | 'int_values'
    | 'text_values';
  number_values: { values: Uint8Array };
  bool_values: { values: boolean[] };
  object_values: { values: Properties[] };
  date_values: { values: string[] };
  uuid_values: { values: string[] };
  int_values: { values: Uint8Array };
  text_values: { values: string[] };
}

export interface Properties {
  fields: { key: string; value: Value | null }[];
}

export interface PropertiesResult {
  ref_props: { prop_name: string; properties: PropertiesResult[] }[];
  target_collection: string;
  metadata: MetadataResult | null;
  non_ref_props: Properties | null;
}

export interface MetadataResult {
  id: string;
  distance: number;
  distance_present: boolean;
  vector_bytes: Uint8Array;
  vectors: Vectors[];
}

export interface SearchResult {
  properties: PropertiesResult | null;
  metadata: MetadataResult;
}

export interface SearchReply {
  results: SearchResult[];
}

export interface StructValue {
  number_value?: number;
  string_value?: string;
  bool_value?: boolean;
  struct_value?: { fields: StructEntry[] };
}

export interface StructEntry {
  key: string;
  value: StructValue;
}

export interface BatchProperties {
  non_ref_properties: { fields: StructEntry[] };
  single_target_ref_props: { uuids: string[]; prop_name: string }[];
  multi_target_ref_props: { uuids: string[]; prop_name: string; target_collection: string }[];
  number_array_properties: { prop_name: string; values_bytes: Uint8Array }[];
  int_array_properties: { prop_name: string; values: number[] }[];
  text_array_properties: { prop_name: string; values: string[] }[];
  boolean_array_properties: { prop_name: string; values: boolean[] }[];
  empty_list_props: string[];
}

export interface BatchObject {
  uuid: string;
  properties: BatchProperties;
  collection: string;
  tenant: string;
  vector_bytes?: Uint8Array;
  vectors?: Vectors[];
}

export interface BatchObjectsReply {
  errors: { index: number; error: string }[];
}

export interface BatchDeleteRequest {
  collection: string;
  filters: Filters;
  verbose: boolean;
  tenant?: string;
}

export interface BatchDeleteReply {
  failed: Int64;
  matches: Int64;
  successful: Int64;
  objects: { successful: boolean; error: string }[];
}

export interface AggregateRequest {
  collection: string;
  tenant: string;
  objects_count: true;
  filters?: Filters;
}

export interface AggregateReply {
  single_result: { objects_count: Int64 } | null;
}
