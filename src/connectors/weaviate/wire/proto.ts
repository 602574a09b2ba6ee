/**
 * The part of Weaviate's gRPC API (package weaviate.v1, read at v1.38.11) that vdb speaks. Maps are declared as repeated
 * entries, which is the same on the wire: so no key of a record becomes a key of a JavaScript object.
 */
export const PROTO = `
syntax = "proto3";
package weaviate.v1;

message SearchRequest {
  string collection = 1;
  string tenant = 10;
  PropertiesRequest properties = 20;
  MetadataRequest metadata = 21;
  uint32 limit = 30;
  string after = 33;
  Filters filters = 40;
  NearVector near_vector = 43;
  bool uses_127_api = 102;
}
message PropertiesRequest {
  repeated string non_ref_properties = 1;
  repeated RefPropertiesRequest ref_properties = 2;
  bool return_all_nonref_properties = 11;
}
message RefPropertiesRequest {
  string reference_property = 1;
  PropertiesRequest properties = 2;
  MetadataRequest metadata = 3;
  string target_collection = 4;
}
message MetadataRequest {
  bool uuid = 1;
  bool vector = 2;
  bool distance = 5;
  repeated string vectors = 10;
}
message NearVector {
  Targets targets = 6;
  repeated Vectors vectors = 9;
}
message Targets {
  repeated string target_vectors = 1;
}
message Vectors {
  string name = 1;
  bytes vector_bytes = 3;
  int32 type = 4;
}
message Filters {
  int32 operator = 1;
  repeated Filters filters = 3;
  oneof test_value {
    string value_text = 4;
    int64 value_int = 5;
    bool value_boolean = 6;
    double value_number = 7;
    TextArray value_text_array = 9;
    IntArray value_int_array = 10;
    BooleanArray value_boolean_array = 11;
    NumberArray value_number_array = 12;
  }
  FilterTarget target = 20;
}
message FilterTarget {
  string property = 1;
}
message TextArray {
  repeated string values = 1;
}
message IntArray {
  repeated int64 values = 1;
}
message NumberArray {
  repeated double values = 1;
}
message BooleanArray {
  repeated bool values = 1;
}
message SearchReply {
  repeated SearchResult results = 2;
}
message SearchResult {
  PropertiesResult properties = 1;
  MetadataResult metadata = 2;
}
message PropertiesResult {
  repeated RefPropertiesResult ref_props = 2;
  string target_collection = 3;
  MetadataResult metadata = 4;
  Properties non_ref_props = 11;
}
message RefPropertiesResult {
  repeated PropertiesResult properties = 1;
  string prop_name = 2;
}
message MetadataResult {
  string id = 1;
  float distance = 7;
  bool distance_present = 8;
  bytes vector_bytes = 19;
  repeated Vectors vectors = 23;
}
message Properties {
  repeated PropertiesEntry fields = 1;
}
message PropertiesEntry {
  string key = 1;
  Value value = 2;
}
message Value {
  oneof kind {
    double number_value = 1;
    bool bool_value = 3;
    Properties object_value = 4;
    ListValue list_value = 5;
    string date_value = 6;
    string uuid_value = 7;
    int64 int_value = 8;
    GeoCoordinate geo_value = 9;
    string blob_value = 10;
    PhoneNumber phone_value = 11;
    int32 null_value = 12;
    string text_value = 13;
  }
}
message ListValue {
  oneof kind {
    Bytes number_values = 2;
    BooleanArray bool_values = 3;
    ObjectValues object_values = 4;
    TextArray date_values = 5;
    TextArray uuid_values = 6;
    Bytes int_values = 7;
    TextArray text_values = 8;
  }
}
message Bytes {
  bytes values = 1;
}
message ObjectValues {
  repeated Properties values = 1;
}
message GeoCoordinate {
  float longitude = 1;
  float latitude = 2;
}
message PhoneNumber {
  uint64 country_code = 1;
  string default_country = 2;
  string input = 3;
  string international_formatted = 4;
  uint64 national = 5;
  string national_formatted = 6;
  bool valid = 7;
}
message BatchObjectsRequest {
  repeated BatchObject objects = 1;
}
message BatchObject {
  string uuid = 1;
  BatchProperties properties = 3;
  string collection = 4;
  string tenant = 5;
  bytes vector_bytes = 6;
  repeated Vectors vectors = 23;
}
message BatchProperties {
  Struct non_ref_properties = 1;
  repeated SingleTargetRefProps single_target_ref_props = 2;
  repeated MultiTargetRefProps multi_target_ref_props = 3;
  repeated NumberArrayProperties number_array_properties = 4;
  repeated IntArrayProperties int_array_properties = 5;
  repeated TextArrayProperties text_array_properties = 6;
  repeated BooleanArrayProperties boolean_array_properties = 7;
  repeated string empty_list_props = 10;
}
message SingleTargetRefProps {
  repeated string uuids = 1;
  string prop_name = 2;
}
message MultiTargetRefProps {
  repeated string uuids = 1;
  string prop_name = 2;
  string target_collection = 3;
}
message NumberArrayProperties {
  string prop_name = 2;
  bytes values_bytes = 3;
}
message IntArrayProperties {
  repeated int64 values = 1;
  string prop_name = 2;
}
message TextArrayProperties {
  repeated string values = 1;
  string prop_name = 2;
}
message BooleanArrayProperties {
  repeated bool values = 1;
  string prop_name = 2;
}
message Struct {
  repeated StructEntry fields = 1;
}
message StructEntry {
  string key = 1;
  StructValue value = 2;
}
message StructValue {
  oneof kind {
    double number_value = 2;
    string string_value = 3;
    bool bool_value = 4;
    Struct struct_value = 5;
    StructList list_value = 6;
  }
}
message StructList {
  repeated StructValue values = 1;
}
message BatchObjectsReply {
  repeated BatchError errors = 2;
}
message BatchError {
  int32 index = 1;
  string error = 2;
}
message BatchDeleteRequest {
  string collection = 1;
  Filters filters = 2;
  bool verbose = 3;
  bool dry_run = 4;
  optional string tenant = 6;
}
message BatchDeleteReply {
  int64 failed = 2;
  int64 matches = 3;
  int64 successful = 4;
  repeated BatchDeleteObject objects = 5;
}
message BatchDeleteObject {
  bool successful = 2;
  string error = 3;
}
message AggregateRequest {
  string collection = 1;
  string tenant = 10;
  bool objects_count = 20;
  Filters filters = 40;
}
message AggregateReply {
  AggregateSingle single_result = 2;
}
message AggregateSingle {
  int64 objects_count = 1;
}
message HealthCheckRequest {
  string service = 1;
}
message HealthCheckResponse {
  int32 status = 1;
}
`;
