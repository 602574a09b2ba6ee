import type { JsonValue } from '../../model/jsonValue.ts';
import type { TargetParams } from './shared.ts';

export interface NativeMethods {
  /**
   * Runs a statement in the database's own language and streams its rows as JSON texts. Since it may write, it is refused for
   * read-only callers and on protected profiles.
   */
  'native.run': {
    params: { target: TargetParams; statement: string; params: Record<string, JsonValue> };
    item: string;
    result: { connection: string; rows: number; elapsedMs: number };
  };
}
