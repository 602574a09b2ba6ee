import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { Options } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';

export type SslMode = 'disable' | 'allow' | 'prefer' | 'require' | 'verify-ca' | 'verify-full';

export interface PgAddress {
  host: string;
  port: number;
  user: string;
  database: string;
  sslmode: SslMode;
  ca?: string;
  cert?: string;
  key?: string;
  insecure: boolean;
}

const MODES: readonly string[] = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'];

/** The server that `url`, or `host` and its companions, name. Throws `usage`; never repeats a URL, which may hold a secret. */
export function pgAddress(options: Options): PgAddress {
  const url = options.url === undefined ? undefined : parseUrl(String(options.url));
  const text = (name: string, inUrl: string | null | undefined) =>
    options[name] !== undefined ? String(options[name]) : inUrl || undefined;
  const query = url?.searchParams;
  const user = text('user', url && decodeURIComponent(url.username)) ?? 'postgres';
  const ca = text('ca', query?.get('sslrootcert'));
  const cert = text('cert', query?.get('sslcert'));
  const key = text('key', query?.get('sslkey'));
  const sslmode = text('sslmode', query?.get('sslmode')) ?? (ca === undefined ? 'prefer' : 'verify-full');
  if (!MODES.includes(sslmode)) {
    throw new VdbError('usage', `'${sslmode}' is not an sslmode`, { hint: `Use one of ${MODES.join(', ')}.` });
  }
  const host = text('host', query?.get('host') ?? (url && decodeURIComponent(url.hostname)));
  return {
    host: host?.replace(/^\[(.*)\]$/, '$1') ?? 'localhost',
    port: Number(url?.port || options.port || 5432),
    user,
    database: text('database', url && decodeURIComponent(url.pathname.slice(1))) ?? user,
    sslmode: sslmode as SslMode,
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    insecure: options.insecure === true,
  };
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new VdbError('usage', 'the url is not postgres://user@host:port/database');
  }
  if (url.password !== '' || url.searchParams.has('password')) {
    throw new VdbError('usage', 'the url holds a password, which profiles never do', {
      hint: 'Take it out of the url and give it with --password-stdin or --secret.',
    });
  }
  return url;
}

/**
 * TLS as libpq means it, mapped here because pg 8.23 takes prefer, require and verify-ca all for verify-full.
 * `false`: plain text. As in libpq, `require` with a CA verifies against it.
 */
export function tlsOptions(address: PgAddress): ConnectionOptions | false {
  if (address.sslmode === 'disable') return false;
  const { ca, cert, key } = address;
  const verify =
    !address.insecure &&
    (address.sslmode === 'verify-full' ||
      address.sslmode === 'verify-ca' ||
      (address.sslmode === 'require' && ca !== undefined));
  return {
    rejectUnauthorized: verify,
    ...(verify && address.sslmode !== 'verify-full' && { checkServerIdentity: () => undefined }),
    ...(isIP(address.host) === 0 && !address.host.startsWith('/') && { servername: address.host }),
    ...(ca !== undefined && { ca: pem(ca, 'ca') }),
    ...(cert !== undefined && { cert: pem(cert, 'cert') }),
    ...(key !== undefined && { key: pem(key, 'key') }),
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
