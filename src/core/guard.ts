import { selectRows } from '../model/batch.ts';
import type { Capabilities } from '../model/capabilities.ts';
import type { VectorKind, VectorSpec } from '../model/collection.ts';
import { VdbError } from '../model/errors.ts';
import type { Filter } from '../model/filter/filter.ts';
import type { Id } from '../model/id.ts';
import type { RecordBatch } from '../model/record.ts';
import { abortable } from './abortable.ts';
import { checkBatch, checkDimension, checkId, invalid, lastOfEach } from './checkBatch.ts';
import { checkMetric, checkSpec } from './checkSpec.ts';
import type { Call, CollectionRef, Connector, Database, SearchRequest } from './connector.ts';
import { databaseError } from './databaseError.ts';
import { undeclared } from './splitFilter.ts';
import { VectorSpecs } from './vectorSpecs.ts';
import { mapVerbs, VERBS } from './verbs.ts';

export interface GuardOptions {
  /** For messages: where the database is. */
  endpoint?: string;
  /** Texts that no error may carry. */
  secrets?: readonly string[];
  /** Shared with callers that want to know a collection's vectors; by default the guard has its own. */
  specs?: (describe: Database['describe']) => VectorSpecs;
}

/** Stands in front of a connector's Database; see core/connector.ts. */
export function guard(database: Database, connector: Connector, options: GuardOptions = {}): Database {
  const calls = converted(database, connector, options);
  const specs = options.specs?.(calls.describe) ?? new VectorSpecs(calls.describe);
  const { capabilities } = database;

  const native = async (ref: CollectionRef, filter: Filter | undefined, call: Call): Promise<void> => {
    const foreign = filter && undeclared(filter, capabilities.filters);
    if (!filter || !foreign) return;
    // What is declared holds on any field; a collection may allow more.
    if (calls.split && (await calls.split(ref, filter, call)).residual === null) return;
    throw new VdbError('unsupported', `this database cannot evaluate the operator '${foreign.op}'`, {
      reason: 'filter',
      outcome: 'not_applied',
    });
  };
  /** A mismatch is looked at twice, because another program may have made the collection anew. */
  const against = async (ref: CollectionRef, call: Call, check: (known: VectorSpec[]) => void): Promise<void> => {
    try {
      check(await specs.of(ref, call));
    } catch (error) {
      if (!(error instanceof VdbError) || error.code !== 'invalid') throw error;
      check(await specs.of(ref, call, true));
    }
  };
  const place = (ref: CollectionRef): void => {
    if (ref.collection === '') throw new VdbError('usage', 'no collection is named', { outcome: 'not_applied' });
    if (ref.partition !== '' && !capabilities.partitions) {
      throw new VdbError('unsupported', 'this database has no partitions', { outcome: 'not_applied' });
    }
  };
  const ids = (given: Id[]): Id[] => {
    for (const id of given) checkId(id, capabilities.limits);
    const rows = lastOfEach(given);
    return rows ? rows.map(row => given[row]!) : given;
  };

  const guarded: Database = {
    ...calls,
    get capabilities() {
      return database.capabilities;
    },
    async describe(ref, call) {
      place(ref);
      const info = await calls.describe(ref, call);
      specs.remember(ref.collection, info.vectors);
      return info;
    },
    async create(spec, call) {
      checkSpec(spec, capabilities);
      specs.forget(spec.name);
      return calls.create(spec, call);
    },
    async drop(ref, call) {
      place(ref);
      specs.forget(ref.collection);
      return calls.drop(ref, call);
    },
    async fetch(ref, given, want, call) {
      place(ref);
      return calls.fetch(ref, ids(given), want, call);
    },
    async search(ref, request, call) {
      place(ref);
      checkK(request.k, capabilities.limits.topK);
      checkFiniteQuery(request.vector);
      await against(ref, call, known => checkQuery(request, known, capabilities));
      await native(ref, request.filter, call);
      return calls.search(ref, request, call);
    },
    async upsert(ref, given, how, call) {
      place(ref);
      const rows = lastOfEach(given.ids);
      const batch: RecordBatch = rows ? selectRows(given, rows) : given;
      await against(ref, call, known => checkBatch(batch, capabilities, known));
      if (batch.count > 0) await calls.upsert(ref, batch, how, call);
    },
    async remove(ref, given, call) {
      place(ref);
      return given.length === 0 ? 0 : calls.remove(ref, ids(given), call);
    },
  };
  if (calls.scan) {
    guarded.scan = async function* (ref, request, call) {
      place(ref);
      await native(ref, request.filter, call);
      yield* calls.scan!(ref, request, call);
    };
  }
  if (calls.count) {
    guarded.count = async (ref, request, call) => {
      place(ref);
      await native(ref, request.filter, call);
      return calls.count!(ref, request, call);
    };
  }
  if (calls.removeWhere) {
    guarded.removeWhere = async (ref, filter, call) => {
      place(ref);
      await native(ref, filter, call);
      return calls.removeWhere!(ref, filter, call);
    };
  }
  if (calls.update) {
    guarded.update = async (ref, given, request, call) => {
      place(ref);
      return given.length === 0 ? 0 : calls.update!(ref, ids(given), request, call);
    };
  }
  return guarded;
}

/** Every verb with its errors converted once, and rejecting as soon as the signal aborts even if the engine goes on. */
function converted(database: Database, connector: Connector, { endpoint, secrets }: GuardOptions): Database {
  return mapVerbs(database, (name, verb) => {
    const run = verb as (...args: unknown[]) => unknown;
    const convert = (error: unknown, args: unknown[]): VdbError =>
      databaseError(error, { connector, verb: name, collection: collectionOf(args[0]), endpoint, secrets });
    if (VERBS[name].streams) {
      return async function* (...args: unknown[]) {
        const { signal } = args.at(-1) as Call;
        let iterator: AsyncIterator<unknown> | undefined;
        let ended = false;
        try {
          for (;;) {
            const step = await abortable(signal, name, () => {
              iterator ??= (run(...args) as AsyncIterable<unknown>)[Symbol.asyncIterator]();
              return iterator.next();
            }).catch(error => {
              ended = true;
              throw convert(error, args);
            });
            ended = step.done === true;
            if (ended) return;
            yield step.value;
          }
        } finally {
          // Not awaited when aborted: a generator that is stuck in `next` answers `return` only behind it.
          const closed = ended && !signal.aborted ? undefined : iterator?.return?.();
          if (signal.aborted) closed?.catch(() => undefined);
          else await closed;
        }
      };
    }
    return async (...args: unknown[]) => {
      const { signal } = args.at(-1) as Call;
      try {
        return await abortable(signal, name, () => run(...args) as Promise<unknown>);
      } catch (error) {
        throw convert(error, args);
      }
    };
  });
}

function collectionOf(first: unknown): string | undefined {
  if (typeof first !== 'object' || first === null) return undefined;
  const { collection, name } = first as { collection?: string; name?: string };
  return collection ?? name;
}

function checkK(k: number, limit: number | undefined): void {
  if (!Number.isSafeInteger(k) || k < 1) throw invalid(`k is ${k}, not a whole number above 0`);
  if (limit !== undefined && k > limit)
    throw invalid(`k is ${k}, this database gives at most ${limit} hits`, 'too_large');
}

function checkFiniteQuery(vector: SearchRequest['vector']): void {
  const parts = Array.isArray(vector) ? vector : [vector instanceof Float32Array ? vector : vector.values];
  for (const part of parts) {
    for (const value of part) {
      if (!Number.isFinite(value))
        throw invalid('the query vector holds NaN, an infinity or a number beyond float32', 'not_finite');
    }
  }
}

function checkQuery({ using, vector, metric }: SearchRequest, specs: VectorSpec[], capabilities: Capabilities): void {
  const spec = specs.find(({ name }) => name === using);
  if (!spec) {
    const names = specs.map(({ name }) => (name === '' ? 'the unnamed one' : `'${name}'`)).join(', ') || 'none';
    throw invalid(`the collection has no vector ${using === '' ? 'without a name' : `'${using}'`}; it has: ${names}`);
  }
  if (capabilities.unranked?.includes(spec.kind)) throw unranked(spec, specs, capabilities.unranked);
  checkMetric(metric, spec, capabilities);
  const kind = Array.isArray(vector) ? 'multi' : vector instanceof Float32Array ? 'dense' : 'sparse';
  if (kind !== spec.kind) throw invalid(`the query vector is ${kind}, the collection's is ${spec.kind}`);
  if (vector instanceof Float32Array) {
    checkDimension(vector.length, spec, 'the query vector');
    const odd = spec.element === 'bit' ? vector.find(value => value !== 0 && value !== 1) : undefined;
    if (odd !== undefined) throw invalid(`the query vector holds ${odd}, the collection's holds bits: 0 or 1`);
  }
  if (Array.isArray(vector)) for (const row of vector) checkDimension(row.length, spec, 'a row of the query vector');
}

function unranked(spec: VectorSpec, specs: VectorSpec[], kinds: VectorKind[]): VdbError {
  const others = specs.filter(({ kind }) => !kinds.includes(kind)).map(({ name }) => name || '(unnamed)');
  const own = `give each of its parts a record with a dense vector of its own`;
  return new VdbError('unsupported', `this database keeps ${spec.kind} vectors, but does not rank by them`, {
    outcome: 'not_applied',
    hint:
      others.length > 0
        ? `Search another vector of the collection (${others.join(', ')}), or ${own}.`
        : `To search them, ${own}, or migrate the collection to a database that ranks by ${spec.kind} vectors.`,
  });
}
