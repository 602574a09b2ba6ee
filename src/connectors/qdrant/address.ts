import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import type { Options } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';

export interface Address {
  secure: boolean;
  /** Without the brackets of an IPv6 address. */
  host: string;
  port: number;
  /** In front of every path of the interface: '' or `/proxied`. */
  prefix: string;
}

/** Of the REST interface. */
const PORT = 6333;

/**
 * The server that `url`, or `host` and `port`, name. A URL without a port means its scheme's own port, as in every URL; with
 * `host`, TLS is used when any of its options is given. Throws `usage`; never repeats a URL, which may hold a secret.
 */
export function qdrantAddress(options: Options): Address {
  if (options.url !== undefined) return fromUrl(String(options.url));
  const host = String(options.host ?? 'localhost').replace(/^\[(.*)\]$/, '$1');
  const secure = ['ca', 'cert', 'key'].some(name => options[name] !== undefined) || options.insecure === true;
  return { secure, host, port: Number(options.port ?? PORT), prefix: '' };
}

function fromUrl(text: string): Address {
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

export function endpointText({ host, port, prefix }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}${prefix}`;
}

/** Throws `not_found` when a file cannot be read. */
export function tlsOptions(options: Options): SecureContextOptions & { rejectUnauthorized: boolean } {
  const { ca, cert, key } = options;
  return {
    rejectUnauthorized: options.insecure !== true,
    ...(ca !== undefined && { ca: pem(String(ca), 'ca') }),
    ...(cert !== undefined && { cert: pem(String(cert), 'cert') }),
    ...(key !== undefined && { key: pem(String(key), 'key') }),
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
