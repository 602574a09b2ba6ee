/**
 * What a connector says of itself as pure data; the build gathers all manifests into `providers.json`, from which
 * the client has its flags, prompts, help and docs without importing a connector.
 */
export interface Manifest {
  /** `pgvector` */
  provider: string;
  /** `PostgreSQL with pgvector` */
  title: string;
  /** What a person reads first about it, one sentence. */
  summary: string;
  options: OptionSpec[];
  secrets: SecretSpec[];
  /** Each profile needs all options of exactly one of these sets: `[['path'], ['url'], ['host']]`. Empty: it needs no address. */
  addressedBy: string[][];
  /** Waking the database costs, so it is never asked in the background whether it still answers. */
  sleeps?: true;
}

export interface OptionSpec {
  /** camelCase key in the profile; the flag is its kebab-case spelling. */
  name: string;
  type: 'string' | 'integer' | 'boolean' | 'path' | 'url';
  help: string;
  default?: string | number | boolean;
  choices?: string[];
}

export interface SecretSpec {
  /** `password`, `apiKey` */
  name: string;
  help: string;
}

export type OptionValue = string | number | boolean;
