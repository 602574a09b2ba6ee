import { type JSONRPCErrorResponse, type JSONRPCRequest, type JSONRPCResponse, JSONRPCServer } from 'json-rpc-2.0';
import { asVdbError, VdbError } from '../model/errors.ts';
import type { MethodName } from '../protocol/methods/methods.ts';
import { SUMMARIES } from '../protocol/methods/summaries.ts';
import { RPC, toRpcError } from '../protocol/rpcError.ts';
import { Deadline, type DeadlineSettings } from './deadline.ts';
import type { Handlers, Request } from './handler.ts';
import { ItemStream } from './itemStream.ts';
import { type Lifecycle, stopping } from './lifecycle.ts';
import type { Limits } from './limits.ts';
import type { Log } from './log.ts';
import { envelope } from './params/envelope.ts';
import type { ParamsSchemas } from './params/shared.ts';
import { ProgressStream } from './progressStream.ts';
import { ALWAYS_SERVED } from './refusal.ts';
import type { ServedLink } from './servedLink.ts';
import type { Services } from './services.ts';

export type Response = JSONRPCResponse;

export interface DispatcherParts {
  handlers: Handlers;
  schemas: ParamsSchemas<MethodName>;
  services: Services;
  lifecycle: Lifecycle;
  limits: Limits;
  log: Log;
  /** First part of every request id. */
  instance: string;
  deadlines(): Promise<DeadlineSettings>;
}

interface Caller {
  served: ServedLink;
  requestId: string;
}

/** One request in, exactly one response out, whatever the handler does. */
export class Dispatcher {
  readonly #parts: DispatcherParts;
  readonly #rpc: JSONRPCServer<Caller>;
  #count = 0;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
    this.#rpc = new JSONRPCServer<Caller>({
      errorListener: (message, error) => parts.log.error('rpc', { message, error }),
    });
    for (const method of Object.keys(parts.handlers) as MethodName[]) {
      this.#rpc.addMethodAdvanced(method, (request, caller) => this.#run(method, request, caller));
    }
    this.#rpc.handleMethodNotFound = async ({ id, method }) => failed(id!, unknownMethod(method), RPC.method);
  }

  async dispatch(frame: object, id: string | number, served: ServedLink): Promise<Response | null> {
    const requestId = `${this.#parts.instance.slice(0, 8)}-${++this.#count}`;
    if ((frame as JSONRPCRequest).jsonrpc !== '2.0' || typeof (frame as JSONRPCRequest).method !== 'string') {
      return failed(id, new VdbError('protocol', 'not a JSON-RPC 2.0 request', { reason: 'bad_answer' }), RPC.request);
    }
    return this.#rpc.receive(frame as JSONRPCRequest, { served, requestId });
  }

  async #run(method: MethodName, request: JSONRPCRequest, caller: Caller): Promise<Response> {
    const id = request.id!;
    const startedAt = performance.now();
    const controller = new AbortController();
    const { lifecycle, limits } = this.#parts;
    const { calls } = caller.served;
    try {
      if (calls.size >= limits.inFlight) throw tooMany(limits.inFlight);
      if (!ALWAYS_SERVED.has(method)) {
        if (caller.served.refusal) throw caller.served.refusal;
        if (lifecycle.draining) throw stopping();
      }
      calls.set(id as string | number, controller);
      lifecycle.begin(controller);
      const result = await this.#handle(method, request, caller, controller);
      return { jsonrpc: '2.0', id, result };
    } catch (error) {
      const cut = controller.signal.aborted && error instanceof VdbError && SUMMARIES[method].writes;
      const told = cut && !error.details.outcome ? error.with({ outcome: 'unknown' }) : error;
      return this.#fail(method, request, caller, told, performance.now() - startedAt);
    } finally {
      if (calls.get(id as string | number) === controller) calls.delete(id as string | number);
      // After the response was handed over: a drain that ends now still sends it.
      setImmediate(() => lifecycle.end(controller));
    }
  }

  async #handle(
    method: MethodName,
    request: JSONRPCRequest,
    caller: Caller,
    controller: AbortController,
  ): Promise<unknown> {
    const { handlers, schemas, services, limits } = this.#parts;
    const { context, secrets = {}, params } = parse(method, request.params, schemas);
    const { link } = caller.served;
    const { signal } = controller;
    const deadline = new Deadline(method, context.timeoutMs, await this.#parts.deadlines(), controller);
    const items = new ItemStream(link, request.id, signal, limits);
    const progress = new ProgressStream(link, request.id, limits);
    try {
      const handler = handlers[method] as (
        params: unknown,
        request: Request<never>,
        services: Services,
      ) => Promise<unknown>;
      const work = handler(
        params,
        {
          id: caller.requestId,
          context,
          secrets,
          call: { signal, deadlineMs: deadline.ms },
          items: (list: unknown[]) => deadline.whileSending(items.push(list)),
          progress(report) {
            deadline.renew();
            progress.report(report);
          },
        },
        services,
      );
      const result = await settledOrAborted(work, signal, limits);
      await deadline.whileSending(items.flush());
      return result;
    } finally {
      deadline.end();
      items.end();
      progress.end();
    }
  }

  #fail(
    method: MethodName,
    request: JSONRPCRequest,
    caller: Caller,
    error: unknown,
    elapsed: number,
  ): JSONRPCErrorResponse {
    const facts = {
      op: method.slice(method.indexOf('.') + 1),
      requestId: caller.requestId,
      elapsedMs: Math.round(elapsed),
    };
    const { log } = this.#parts;
    if (error instanceof InvalidParams) return failed(request.id!, error.error.with(facts), RPC.params);
    if (error instanceof VdbError && error.code !== 'internal') {
      log.debug('failed', { method, ...facts, code: error.code, message: error.message });
      return failed(request.id!, error.with(facts));
    }
    // Messages of foreign errors may quote what they were given.
    log.error('internal', {
      method,
      ...facts,
      stack: withoutSecrets(asVdbError(error).stack ?? String(error), request.params),
    });
    const shown = new VdbError('internal', `${method} failed inside the daemon`, {
      outcome: SUMMARIES[method].writes ? 'unknown' : 'not_applied',
      hint: `The daemon's log tells more about request ${caller.requestId}: vdb daemon logs.`,
      ...(error instanceof VdbError ? { ...error.details } : {}),
    });
    return failed(request.id!, shown.with(facts));
  }
}

class InvalidParams {
  readonly error: VdbError;

  constructor(error: VdbError) {
    this.error = error;
  }
}

function parse(method: MethodName, raw: unknown, schemas: ParamsSchemas<MethodName>) {
  const given = typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Record<string, unknown>) : {};
  const { context, secrets, ...own } = given;
  const outer = envelope.safeParse({ context, secrets });
  const inner = schemas[method].safeParse(own);
  const issue = (outer.error ?? inner.error)?.issues[0];
  if (issue) {
    // zod says what was expected and what type came, never the value.
    const place = issue.path.length > 0 ? ` at ${issue.path.join('.')}` : '';
    throw new InvalidParams(new VdbError('usage', `the params of ${method} are wrong${place}: ${issue.message}`));
  }
  return { ...outer.data!, params: inner.data };
}

/** The handler's own end, or the signal's reason when it does not end in time after an abort. */
function settledOrAborted(work: Promise<unknown>, signal: AbortSignal, limits: Limits): Promise<unknown> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const aborted = () => {
      const late = (signal.reason as VdbError).code === 'timeout' ? limits.deadlineGraceMs : limits.cancelGraceMs;
      timer = setTimeout(() => reject(signal.reason), late);
    };
    if (signal.aborted) aborted();
    else signal.addEventListener('abort', aborted, { once: true });
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', aborted);
    };
    work.then(
      result => {
        done();
        resolve(result);
      },
      error => {
        done();
        reject(signal.aborted ? abortedAs(error, signal.reason as VdbError) : error);
      },
    );
  });
}

/** What broke because of the abort is told as that abort; what the handler knows of the effect is kept. */
function abortedAs(error: unknown, reason: VdbError): VdbError {
  if (!(error instanceof VdbError) || error === reason) return reason;
  if (error.code === reason.code) return error;
  const { outcome, data } = error.details;
  const known = { ...(outcome ? { outcome } : {}), ...(data ? { data } : {}) };
  return new VdbError(reason.code, reason.message, { ...reason.details, ...known });
}

function withoutSecrets(text: string, params: unknown): string {
  const { secrets } = (params ?? {}) as { secrets?: Record<string, Record<string, unknown>> };
  const values = Object.values(secrets ?? {}).flatMap(named => Object.values(named));
  return values.reduce<string>((rest, value) => (value ? rest.replaceAll(String(value), '[secret]') : rest), text);
}

function failed(id: string | number | null, error: VdbError, number?: number): JSONRPCErrorResponse {
  return { jsonrpc: '2.0', id, error: toRpcError(error, number) };
}

function unknownMethod(method: string): VdbError {
  const name = /^[\w.]{1,64}$/.test(method) ? `the method ${method}` : 'a method of that name';
  return new VdbError('unsupported', `the daemon does not have ${name}`, { hint: 'vdb rpc --list shows the methods.' });
}

function tooMany(limit: number): VdbError {
  return new VdbError('busy', `${limit} requests are in flight on this socket`, {
    reason: 'queue_full',
    hint: 'Wait for some of them to be answered.',
  });
}
