import { readFileSync } from 'node:fs';
import type { AgentOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Options } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';

export interface Address {
  /** Scheme, host and port, and what stands before `/api/v2`; without a slash at its end. */
  base: URL;
  /** Certificates and how to check them; empty for http. */
  tls: AgentOptions;
}

/** Where the server is. Throws `usage`; never repeats a URL, which may hold a secret. */
export function address(options: Options): Address {
  return { base: baseOf(options), tls: tlsOptions(options) };
}

function baseOf(options: Options): URL {
  const secured = ['ca', 'cert', 'key', 'insecure'].some(
    name => options[name] !== undefined && options[name] !== false,
  );
  const base = options.url === undefined ? fromHost(options, secured) : parseUrl(String(options.url));
  if (secured && base.protocol === 'http:') {
    throw new VdbError('usage', 'certificates were given for an address without TLS', {
      hint: 'Write the url with https://.',
    });
  }
  base.pathname = base.pathname.replace(/\/+$/, '').replace(/\/api\/v2$/, '');
  return base;
}

/** `localhost:8000/default_database`; the tenant in between when it is not the default one. */
export function endpointOf(options: Options): string {
  const { host } = baseOf(options);
  const { tenant, database } = placeOf(options);
  return [host, ...(tenant === 'default_tenant' ? [] : [tenant]), database].join('/');
}

export interface Place {
  tenant: string;
  database: string;
}

export function placeOf(options: Options): Place {
  const { tenant = 'default_tenant', database = 'default_database' } = options;
  return { tenant: String(tenant), database: String(database) };
}

function fromHost(options: Options, secured: boolean): URL {
  const host = String(options.host ?? 'localhost').replace(/^\[(.*)\]$/, '$1');
  const text = `${secured ? 'https' : 'http'}://${isIP(host) === 6 ? `[${host}]` : host}:${options.port ?? 8000}`;
  if (!URL.canParse(text)) throw new VdbError('usage', `'${host}' is not a host name`);
  return new URL(text);
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new VdbError('usage', 'the url is not http://host:port or https://host:port');
  }
  if (url.username !== '' || url.password !== '') {
    throw new VdbError('usage', 'the url holds a user or a password, which profiles never do', {
      hint: 'Take it out of the url and give it with --api-key-stdin and --auth basic.',
    });
  }
  if (url.search !== '' || url.hash !== '') throw new VdbError('usage', 'the url holds more than host, port and path');
  return url;
}

function tlsOptions({ ca, cert, key, insecure }: Options): AgentOptions {
  return {
    ...(ca && { ca: pem(String(ca), 'ca') }),
    ...(cert && { cert: pem(String(cert), 'cert') }),
    ...(key && { key: pem(String(key), 'key') }),
    ...(insecure === true && { rejectUnauthorized: false }),
  };
}

function pem(path: string, option: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new VdbError('not_found', `the ${option} file ${path} cannot be read`, {
      cause: (error as NodeJS.ErrnoException).code ?? String(error),
    });
  }
}
