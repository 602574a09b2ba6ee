import { readFileSync } from 'node:fs';
import type { Options } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';

export interface Address {
  secure: boolean;
  /** Without the brackets of an IPv6 address. */
  host: string;
  /** Of the REST interface. */
  port: number;
  /** In front of every path of the REST interface: '' or `/proxied`. */
  prefix: string;
  grpcHost: string;
  grpcPort: number;
}

export interface TlsFiles {
  verify: boolean;
  ca: string | undefined;
  cert: string | undefined;
  key: string | undefined;
}

const PORT = 8080;
const GRPC_PORT = 50051;
/** Weaviate Cloud has one name per interface, as weaviate-client 3.14 derives them. */
const CLOUD = /\.weaviate\.(cloud|network)$/i;

/**
 * The server that `url`, or `host` and `port`, name. A URL without a port means its scheme's own port, as in every URL; with
 * `host`, TLS is used when any of its options is given. Throws `usage`; never repeats a URL, which may hold a secret.
 */
export function weaviateAddress(options: Options): Address {
  const rest = options.url !== undefined ? fromUrl(String(options.url)) : fromHost(options);
  const cloud = CLOUD.test(rest.host) && options.grpcPort === undefined;
  return {
    ...rest,
    grpcHost: cloud ? cloudGrpc(rest.host) : rest.host,
    grpcPort: cloud ? 443 : Number(options.grpcPort ?? GRPC_PORT),
  };
}

type Rest = Omit<Address, 'grpcHost' | 'grpcPort'>;

function fromHost(options: Options): Rest {
  const host = String(options.host ?? 'localhost').replace(/^\[(.*)\]$/, '$1');
  const secure = ['ca', 'cert', 'key'].some(name => options[name] !== undefined) || options.insecure === true;
  return { secure, host, port: Number(options.port ?? PORT), prefix: '' };
}

function fromUrl(text: string): Rest {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new VdbError('usage', 'the url is not http(s)://host:port', { outcome: 'not_applied' });
  }
  if (url.username !== '' || url.password !== '' || url.search !== '') {
    throw new VdbError('usage', 'the url holds a user, a password or parameters', {
      outcome: 'not_applied',
      hint: 'Give the API key with --api-key-stdin or --secret.',
    });
  }
  const secure = url.protocol === 'https:';
  return {
    secure,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (secure ? 443 : 80) : Number(url.port),
    prefix: url.pathname.replace(/\/+$/, ''),
  };
}

function cloudGrpc(host: string): string {
  const [name, ...rest] = host.split('.');
  return /\.network$/i.test(host) ? `${name}.grpc.${rest.join('.')}` : `grpc-${host}`;
}

export function endpointText({ host, port, prefix }: Address): string {
  return `${bracketed(host)}:${port}${prefix}`;
}

export function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Throws `not_found` when a file cannot be read. */
export function tlsFiles({ ca, cert, key, insecure }: Options): TlsFiles {
  return {
    verify: insecure !== true,
    ca: ca === undefined ? undefined : pem(String(ca), 'ca'),
    cert: cert === undefined ? undefined : pem(String(cert), 'cert'),
    key: key === undefined ? undefined : pem(String(key), 'key'),
  };
}

function pem(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new VdbError('not_found', `the ${option} file ${path} cannot be read`, {
      outcome: 'not_applied',
      cause: (error as NodeJS.ErrnoException).code ?? String(error),
    });
  }
}
