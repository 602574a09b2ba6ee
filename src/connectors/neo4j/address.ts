import { accessSync, constants } from 'node:fs';
import type { ClientCertificate, ClientCertificateProvider, Config } from 'neo4j-driver';
import type { Options } from '../../core/connector.ts';
import { VdbError } from '../../model/errors.ts';

export interface Neo4jAddress {
  /** For the driver: without user, and without a TLS suffix where `config` says how TLS is done. */
  url: string;
  host: string;
  port: number;
  user: string;
  database: string | undefined;
  config: Config;
}

const SCHEMES = ['bolt', 'bolt+s', 'bolt+ssc', 'neo4j', 'neo4j+s', 'neo4j+ssc'];

/** The server that `url`, or `host` and its companions, name. Throws `usage`; never repeats a URL, which may hold a secret. */
export function neo4jAddress(options: Options): Neo4jAddress {
  const url = parseUrl(options.url === undefined ? undefined : String(options.url), options);
  const scheme = url.protocol.slice(0, -1);
  const { ca, cert, key, insecure } = options;
  // The driver takes TLS from the scheme or from its configuration, never from both.
  const configured = ca !== undefined || insecure === true || (cert !== undefined && !scheme.includes('+'));
  const plain = configured ? scheme.replace(/\+.*/, '') : scheme;
  const port = Number(url.port || 7687);
  const user = options.user ?? (url.username === '' ? 'neo4j' : decodeURIComponent(url.username));
  return {
    url: `${plain}://${url.hostname}:${port}${url.search}`,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port,
    user: String(user),
    database: options.database === undefined ? undefined : String(options.database),
    config: {
      ...(configured && {
        encrypted: 'ENCRYPTION_ON' as const,
        trust: trust(ca !== undefined, insecure === true || scheme.endsWith('+ssc')),
      }),
      ...(ca !== undefined && { trustedCertificates: [readable(String(ca), 'ca')] }),
      ...(cert !== undefined && {
        clientCertificate: provided({
          certfile: readable(String(cert), 'cert'),
          keyfile: readable(String(key ?? cert), 'key'),
        }),
      }),
    },
  };
}

/** neo4j-driver 6.3 takes a plain certificate only with a +s url. */
function provided(certificate: ClientCertificate): ClientCertificateProvider {
  return { hasUpdate: () => false, getClientCertificate: () => certificate };
}

function trust(ca: boolean, anything: boolean) {
  if (ca) return 'TRUST_CUSTOM_CA_SIGNED_CERTIFICATES';
  return anything ? 'TRUST_ALL_CERTIFICATES' : 'TRUST_SYSTEM_CA_SIGNED_CERTIFICATES';
}

function parseUrl(text: string | undefined, { host, port }: Options): URL {
  if (text === undefined) {
    const name = String(host);
    const place = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
    const made = `bolt://${place}:${port ?? 7687}`;
    if (host === undefined || !URL.canParse(made)) throw new VdbError('usage', 'no host and port that name a server');
    return new URL(made);
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !SCHEMES.includes(url.protocol.slice(0, -1)) || url.hostname === '') {
    throw new VdbError('usage', 'the url is not bolt://host:port or neo4j://host:port', {
      hint: 'Put +s behind the scheme for TLS, +ssc for TLS with any certificate.',
    });
  }
  if (url.password !== '') {
    throw new VdbError('usage', 'the url holds a password, which profiles never do', {
      hint: 'Take it out of the url and give it with --password-stdin or --secret.',
    });
  }
  if (url.pathname !== '' && url.pathname !== '/') {
    throw new VdbError('usage', 'the url has a path', { hint: 'Name the database with --database.' });
  }
  if (url.search !== '' && url.protocol.startsWith('bolt')) {
    throw new VdbError('usage', 'only neo4j:// urls have a routing context behind ?');
  }
  return url;
}

/** The driver reads these files itself; a missing one is better named here. */
function readable(path: string, option: string): string {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw new VdbError('not_found', `the ${option} file ${path} cannot be read`, {
      cause: (error as NodeJS.ErrnoException).code ?? String(error),
    });
  }
  return path;
}
