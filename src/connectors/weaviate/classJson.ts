/** A collection as `GET /v1/schema/{class}` gives it and `POST /v1/schema` takes it (1.38.11), as far as vdb looks into it. */
export interface ClassJson {
  class: string;
  description?: string;
  properties?: PropertyJson[];
  /** Of the unnamed vector. */
  vectorizer?: string;
  vectorIndexType?: string;
  vectorIndexConfig?: VectorIndexJson;
  /** Of named vectors. */
  vectorConfig?: Record<string, VectorJson>;
  invertedIndexConfig?: { indexNullState?: boolean; indexPropertyLength?: boolean; [key: string]: unknown };
  multiTenancyConfig?: { enabled?: boolean; [key: string]: unknown };
  shardingConfig?: Record<string, unknown>;
  replicationConfig?: Record<string, unknown>;
  moduleConfig?: Record<string, unknown>;
}

export interface PropertyJson {
  name: string;
  dataType: string[];
  description?: string;
  tokenization?: string;
  indexFilterable?: boolean;
  indexSearchable?: boolean;
  [key: string]: unknown;
}

export interface VectorJson {
  vectorizer?: Record<string, unknown>;
  vectorIndexType?: string;
  vectorIndexConfig?: VectorIndexJson;
}

export interface VectorIndexJson {
  distance?: string;
  skip?: boolean;
  multivector?: { enabled?: boolean; [key: string]: unknown };
  [key: string]: unknown;
}
