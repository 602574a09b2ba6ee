import { type ChannelOptions, Client, credentials, Metadata } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import type { Call } from '../../../core/connector.ts';
import type { Secret } from '../../../core/secret.ts';
import { type Address, bracketed, type TlsFiles } from '../address.ts';
import type {
  AggregateReply,
  AggregateRequest,
  BatchDeleteReply,
  BatchDeleteRequest,
  BatchObject,
  BatchObjectsReply,
  SearchReply,
  SearchRequest,
} from './messages.ts';
import { PROTO } from './proto.ts';

const { root } = protobuf.parse(PROTO, { keepCase: true });
const type = (name: string): protobuf.Type => root.lookupType(`weaviate.v1.${name}`);

const SEARCH = method('/weaviate.v1.Weaviate/Search', 'SearchRequest', 'SearchReply');
const BATCH_OBJECTS = method('/weaviate.v1.Weaviate/BatchObjects', 'BatchObjectsRequest', 'BatchObjectsReply');
const BATCH_DELETE = method('/weaviate.v1.Weaviate/BatchDelete', 'BatchDeleteRequest', 'BatchDeleteReply');
const AGGREGATE = method('/weaviate.v1.Weaviate/Aggregate', 'AggregateRequest', 'AggregateReply');
const HEALTH = method('/grpc.health.v1.Health/Check', 'HealthCheckRequest', 'HealthCheckResponse');

interface Method {
  path: string;
  encode(message: object): Buffer;
  decode(bytes: Buffer): unknown;
}

function method(path: string, request: string, reply: string): Method {
  const [input, output] = [type(request), type(reply)];
  return {
    path,
    encode: message => Buffer.from(input.encode(message).finish()),
    decode: bytes => output.decode(bytes),
  };
}

const CHANNEL: ChannelOptions = {
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  // Retries are the core's; a server that came back is tried again soon.
  'grpc.enable_retries': 0,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2000,
  // The REST link knows no proxy either.
  'grpc.enable_http_proxy': 0,
};

/**
 * The gRPC interface: records. Own, because the official client (weaviate-client 3.14.0) reads one page of 100 per object when
 * it iterates, loses all but one row of a multi-vector, turns dates into `Date` (milliseconds, no offset), takes no
 * Float32Array, and gives errors without a code.
 */
export class GrpcLink {
  readonly #client: Client;
  readonly #metadata = new Metadata();

  constructor(address: Address, tls: TlsFiles, apiKey: Secret | undefined) {
    const target = `${bracketed(address.grpcHost)}:${address.grpcPort}`;
    const bytes = (text: string | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));
    const channel = address.secure
      ? credentials.createSsl(bytes(tls.ca), bytes(tls.key), bytes(tls.cert), { rejectUnauthorized: tls.verify })
      : credentials.createInsecure();
    this.#client = new Client(target, channel, CHANNEL);
    if (apiKey) this.#metadata.set('authorization', `Bearer ${apiKey.reveal()}`);
  }

  search(request: SearchRequest, call: Call): Promise<SearchReply> {
    return this.#unary(SEARCH, { ...request, uses_127_api: true }, call) as Promise<SearchReply>;
  }

  /** Objects are refused one by one: look at `errors`. */
  batchObjects(objects: BatchObject[], call: Call): Promise<BatchObjectsReply> {
    return this.#unary(BATCH_OBJECTS, { objects }, call) as Promise<BatchObjectsReply>;
  }

  /** At most 10,000 objects a call (QUERY_MAXIMUM_RESULTS): repeat until nothing matches. */
  batchDelete(request: BatchDeleteRequest, call: Call): Promise<BatchDeleteReply> {
    return this.#unary(BATCH_DELETE, request, call) as Promise<BatchDeleteReply>;
  }

  async count(request: Omit<AggregateRequest, 'objects_count'>, call: Call): Promise<number> {
    const reply = (await this.#unary(AGGREGATE, { ...request, objects_count: true }, call)) as AggregateReply;
    return Number(reply.single_result?.objects_count ?? 0);
  }

  /** Proves that a gRPC server answers at the port; the key is not looked at. */
  async check(call: Call): Promise<void> {
    await this.#unary(HEALTH, {}, call);
  }

  close(): void {
    this.#client.close();
  }

  #unary({ path, encode, decode }: Method, message: object, { signal }: Call): Promise<unknown> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const abort = (): void => running.cancel();
      const running = this.#client.makeUnaryRequest(path, encode, decode, message, this.#metadata, (error, reply) => {
        signal.removeEventListener('abort', abort);
        if (error) reject(signal.aborted ? signal.reason : error);
        else resolve(reply);
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}
