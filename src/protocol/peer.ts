import type { Readable, Writable } from 'node:stream';
import { JSONRPCClient, type JSONRPCResponse } from 'json-rpc-2.0';
import { VdbError } from '../model/errors.ts';
import { encodeFrame } from './framing.ts';
import { type Frame, Link } from './link.ts';
import type { Item, MethodName, Params, Result } from './methods/methods.ts';
import type { Envelope } from './methods/shared.ts';
import { SUMMARIES } from './methods/summaries.ts';
import { fromRpcError, type RpcError } from './rpcError.ts';

export interface ProgressReport {
  done: number;
  total?: number | null;
  /** Per second, over the last moments. */
  rate?: number;
  note?: string;
}

export interface CallOptions<M extends MethodName> extends Partial<Envelope> {
  /**
   * Stream items in order, before the result. While the promise is pending the socket is not read, so the daemon waits too;
   * for the same reason it must not wait for another call on this peer.
   */
  onItems?(items: Item<M>[]): void | Promise<void>;
  onProgress?(progress: ProgressReport): void;
  /** Aborting asks the daemon to cancel; the call then ends with its answer, and items are dropped. */
  signal?: AbortSignal;
}

interface ActiveCall {
  onItems?(items: unknown[]): void | Promise<void>;
  onProgress?(progress: ProgressReport): void;
  signal?: AbortSignal;
}

/** The calling side of the protocol over one socket or pair of pipes. Any number of calls may be in flight. */
export class Peer {
  readonly #link: Link;
  readonly #rpc: JSONRPCClient<Buffer>;
  readonly #active = new Map<number, ActiveCall>();
  #next = 0;
  #failure: VdbError | null = null;

  constructor(readable: Readable, writable: Writable = readable as unknown as Writable) {
    this.#link = new Link(readable, writable, { frame: frame => this.#receive(frame), end: error => this.#end(error) });
    this.#rpc = new JSONRPCClient((_request, frame) => this.#link.write(frame));
  }

  /** Whether a single byte has come back. Without one the daemon has not seen any request. */
  get answered(): boolean {
    return this.#link.received > 0;
  }

  get ended(): boolean {
    return this.#link.ended;
  }

  /** Throws VdbError: the daemon's own, or `unreachable` when the socket closed before the answer. */
  async call<M extends MethodName>(method: M, params: Params<M>, options: CallOptions<M> = {}): Promise<Result<M>> {
    const { onItems, onProgress, signal, context, secrets } = options;
    if (signal?.aborted) throw new VdbError('cancelled', `${method} was cancelled before it was sent`);
    if (this.#failure) throw this.#failure;
    const id = this.#next++;
    const request = { jsonrpc: '2.0' as const, id, method, params: { ...params, context, secrets } };
    const frame = encodeFrame(request);
    const cancel = () => this.#link.send({ jsonrpc: '2.0', method: '$/cancel', params: { id } });
    this.#active.set(id, { onItems: onItems as ActiveCall['onItems'], onProgress, signal });
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const response: JSONRPCResponse = await this.#rpc.requestAdvanced(request, frame);
      if (response.error) throw this.#errorOf(response.error, method);
      return response.result as Result<M>;
    } finally {
      this.#active.delete(id);
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Calls in flight end with `reason`, else with `unreachable`. */
  close(reason: VdbError | null = null): void {
    this.#failure ??= reason;
    this.#link.close();
  }

  #receive(frame: Frame): void | Promise<void> {
    if (typeof frame.method === 'string') return this.#notified(frame.method, frame.params as Frame);
    // Errors that belong to no request end the link: the daemon is full, or could not read what we sent.
    if (frame.id === null && frame.error) throw fromRpcError(frame.error as RpcError);
    this.#rpc.receive(frame as unknown as JSONRPCResponse);
  }

  #notified(method: string, params: Frame): void | Promise<void> {
    const call = this.#active.get(params?.id as number);
    if (!call || call.signal?.aborted) return;
    if (method === '$/items') return call.onItems?.(params.items as unknown[]);
    if (method === '$/progress') call.onProgress?.(params as unknown as ProgressReport);
  }

  #errorOf(error: RpcError, method: MethodName): VdbError {
    if (error.data !== undefined || !this.#failure) return fromRpcError(error);
    return this.#failure.with({ outcome: SUMMARIES[method].writes ? 'unknown' : 'not_applied' });
  }

  #end(error: VdbError | null): void {
    this.#failure ??=
      error ?? new VdbError('unreachable', 'the daemon closed the connection before it answered', { reason: 'reset' });
    this.#link.destroy();
    this.#rpc.rejectAllPendingRequests(this.#failure.message);
  }
}
