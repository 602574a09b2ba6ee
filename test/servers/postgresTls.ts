import { readFileSync } from 'node:fs';
import { chown, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificates } from './certificates.ts';
import { installDebianPostgres } from './debianPostgres.ts';
import type { Kind } from './kind.ts';
import { postgresOwner, preparePostgres, query } from './postgresProcess.ts';

/** `certuser` needs only a client certificate, `mtls` that and the password, everybody else the password; nobody comes without TLS. */
const RULES = `
hostssl   all certuser all cert
hostssl   all mtls     all scram-sha-256 clientcert=verify-ca
hostssl   all all      all scram-sha-256
hostnossl all all      all reject
`;

/** PostgreSQL 15 of Debian 12 with pgvector 0.8.0, over TLS only. The server's certificate is for `localhost`, not for 127.0.0.1. */
export const postgresTls: Kind = {
  name: 'postgres-tls',
  version: '15-pgvector-0.8.0',
  ports: 1,
  signal: 'SIGINT',
  install: installDebianPostgres,
  async prepare(place) {
    const certificates = join(place.data, 'certificates');
    await makeCertificates(certificates);
    const owner = await postgresOwner();
    if (owner)
      for (const file of await readdir(certificates)) await chown(join(certificates, file), owner.uid, owner.gid);
    const rules = join(place.data, 'pg_hba.conf');
    await writeFile(rules, RULES, { mode: 0o644 });
    const launch = await preparePostgres(join(place.home, 'usr/lib/postgresql/15/bin'), place, {
      ssl: 'on',
      ssl_cert_file: join(certificates, 'server.crt'),
      ssl_key_file: join(certificates, 'server.key'),
      ssl_ca_file: join(certificates, 'ca.crt'),
      hba_file: rules,
    });
    const url = launch.access.url.replace('127.0.0.1', 'localhost');
    const roles = ['certuser', 'mtls'].map(
      role =>
        `if not exists (select from pg_roles where rolname = '${role}') then create role ${role} login superuser password '${place.secret}'; end if;`,
    );
    return {
      ...launch,
      access: { url, certificates },
      async ready() {
        const ca = readFileSync(join(certificates, 'ca.crt'), 'utf8');
        await query({ connectionString: url, ssl: { ca } }, `do $$ begin ${roles.join(' ')} end $$`);
      },
    };
  },
};
