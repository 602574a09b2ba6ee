import type { Call } from '../core/connector.ts';
import type { Item, MethodName, Params, Result } from '../protocol/methods/methods.ts';
import type { Context } from '../protocol/methods/shared.ts';
import type { Services } from './services.ts';

export interface Progress {
  done: number;
  total?: number | null;
  /** Per second, over the last moments. */
  rate?: number;
  note?: string;
}

/** What the dispatcher gives a handler besides its params. */
export interface Request<M extends MethodName> {
  id: string;
  context: Context;
  /** Profile → secret name → value, given by the caller. */
  secrets: Record<string, Record<string, string>>;
  /** Aborted by `$/cancel`, by the socket's end and by the deadline. */
  call: Call;
  /** Sends stream items; resolves when the socket can take more. */
  items(items: Item<M>[]): Promise<void>;
  /** At most ten a second reach the caller. */
  progress(progress: Progress): void;
}

export type Handler<M extends MethodName> = (
  params: Params<M>,
  request: Request<M>,
  services: Services,
) => Promise<Result<M>>;

/** A missing or surplus handler does not compile. */
export type Handlers<M extends MethodName = MethodName> = { [K in M]: Handler<K> };
