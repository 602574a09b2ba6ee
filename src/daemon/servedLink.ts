import { timingSafeEqual } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { asVdbError, VdbError } from '../model/errors.ts';
import type { Directories } from '../protocol/directories.ts';
import { FRAME_BYTES } from '../protocol/framing.ts';
import { type Frame, Link } from '../protocol/link.ts';
import type { Params } from '../protocol/methods/methods.ts';
import { RPC, toRpcError } from '../protocol/rpcError.ts';
import type { Dispatcher, Response } from './dispatcher.ts';
import type { Limits } from './limits.ts';
import { refusalOf } from './refusal.ts';

export interface ServedOptions {
  /** Null on pipes, where whoever started the process is the caller. */
  token: string | null;
  own: Directories;
  limits: Limits;
  dispatcher: Dispatcher;
  ended(link: ServedLink): void;
}

/** One caller: its socket or pipes, who it proved to be, and what it has in flight. */
export class ServedLink {
  readonly link: Link;
  /** Request id → its controller. */
  readonly calls = new Map<string | number, AbortController>();
  /** Set when only the methods that are always served may be called. */
  refusal: VdbError | null = null;
  readonly #options: ServedOptions;
  #trusted: boolean;
  #helloTimer: NodeJS.Timeout | null = null;
  #frameTimer: NodeJS.Timeout | null = null;
  #held = false;

  constructor(readable: Readable, writable: Writable, options: ServedOptions) {
    this.#options = options;
    this.#trusted = options.token === null;
    this.link = new Link(
      readable,
      writable,
      { frame: frame => this.#receive(frame), end: error => this.#end(error) },
      this.#trusted ? FRAME_BYTES : options.limits.helloBytes,
    );
    if (!this.#trusted) this.#helloTimer = setTimeout(() => this.link.destroy(), options.limits.helloMs);
    readable.on('data', () => this.#watchFrame());
    writable.on('drain', () => this.#holdOrRelease());
  }

  #receive(frame: Frame): void | Promise<void> {
    if (!this.#trusted) this.#greet(frame);
    if (frame.method === '$/cancel') {
      const { id } = (frame.params ?? {}) as { id?: string | number };
      this.calls.get(id!)?.abort(cancelled());
      return;
    }
    const { id } = frame;
    // Notifications of later versions.
    if (id === undefined && typeof frame.method === 'string' && frame.method.startsWith('$/')) return;
    if (typeof id !== 'string' && !Number.isSafeInteger(id))
      throw invalid('a request has no id that is a string or a whole number');
    if (this.calls.has(id as string | number)) throw invalid('the id of a request is in flight already');
    const answered = this.#answer(frame, id as string | number);
    // Its answer comes before all others: from it the caller knows whether they were looked at.
    if (frame.method === 'daemon.hello') return answered;
  }

  async #answer(frame: Frame, id: string | number): Promise<void> {
    const response = await this.#options.dispatcher.dispatch(frame, id, this);
    if (response) this.#respond(response, id);
    this.#holdOrRelease();
  }

  #respond(response: Response, id: string | number): void {
    try {
      this.link.send(response);
    } catch (error) {
      this.link.send({ jsonrpc: '2.0', id, error: toRpcError(asVdbError(error).with({ outcome: 'unknown' })) });
    }
  }

  /** Throws VdbError `denied` when the caller cannot read the token of this daemon. */
  #greet(frame: Frame): void {
    const hello = frame.params as Partial<Params<'daemon.hello'>> | undefined;
    if (frame.method !== 'daemon.hello' || !sameText(hello?.token, this.#options.token!)) {
      throw new VdbError('denied', 'the first message is not daemon.hello with the token of this daemon', {
        reason: 'auth',
        hint: 'Send the text of the file named token in the daemon’s run directory.',
      });
    }
    this.#trusted = true;
    this.link.decoder.limit = FRAME_BYTES;
    clearTimeout(this.#helloTimer!);
    this.refusal = refusalOf(hello!, this.#options.own);
  }

  /** A client that does not read its answers is not read either, and so holds no memory. */
  #holdOrRelease(): void {
    const over = this.link.backlog > this.#options.limits.backlogBytes;
    if (over === this.#held) return;
    this.#held = over;
    if (over) this.link.hold();
    else this.link.release();
  }

  /** A frame must end in time; time during which we do not read does not count. */
  #watchFrame(): void {
    if (this.link.decoder.pending === 0) {
      if (this.#frameTimer) clearTimeout(this.#frameTimer);
      this.#frameTimer = null;
    } else this.#frameTimer ??= setTimeout(() => this.#frameLate(), this.#options.limits.frameMs);
  }

  #frameLate(): void {
    if (this.#held) this.#frameTimer?.refresh();
    else this.#end(invalid('a message began and did not end in time'));
  }

  #end(error: VdbError | null): void {
    if (this.#helloTimer) clearTimeout(this.#helloTimer);
    if (this.#frameTimer) clearTimeout(this.#frameTimer);
    for (const call of this.calls.values()) call.abort(cancelled());
    // Only a broken message is worth an answer; after it nothing on this link can be understood. A stranger's is worth none.
    const strange = !this.#trusted && error?.code === 'protocol';
    if (error && !strange && error.code !== 'unreachable') {
      const number =
        error.details.reason === 'syntax' ? RPC.parse : error.code === 'protocol' ? RPC.request : undefined;
      this.link.send({ jsonrpc: '2.0', id: null, error: toRpcError(error, number) });
    }
    if (strange) this.link.destroy();
    else this.link.close();
    this.#options.ended(this);
  }
}

function cancelled(): VdbError {
  return new VdbError('cancelled', 'the caller cancelled');
}

function invalid(message: string): VdbError {
  return new VdbError('protocol', message, { reason: 'bad_answer' });
}

function sameText(given: unknown, token: string): boolean {
  if (typeof given !== 'string') return false;
  const a = Buffer.from(given);
  const b = Buffer.from(token);
  return a.length === b.length && timingSafeEqual(a, b);
}
