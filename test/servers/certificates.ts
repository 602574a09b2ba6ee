import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run.ts';

/**
 * Certificates for TLS cases, valid for 30 days, made once in `directory`, each NAME.crt with NAME.key (0600):
 * `ca`, and by it `server` (for DNS name localhost only), `client` (CN certuser) and `stranger` (CN nobody-here);
 * `foreign-ca`, and by it `foreign-client` (CN certuser).
 */
export async function makeCertificates(directory: string): Promise<void> {
  if (existsSync(join(directory, 'foreign-client.crt'))) return;
  await mkdir(directory, { recursive: true });
  await authority(directory, 'ca', 'test authority');
  await authority(directory, 'foreign-ca', 'foreign authority');
  await leaf(directory, 'server', 'ca', 'localhost', 'subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth');
  await leaf(directory, 'client', 'ca', 'certuser', 'extendedKeyUsage=clientAuth');
  await leaf(directory, 'stranger', 'ca', 'nobody-here', 'extendedKeyUsage=clientAuth');
  await leaf(directory, 'foreign-client', 'foreign-ca', 'certuser', 'extendedKeyUsage=clientAuth');
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

async function authority(directory: string, name: string, subject: string): Promise<void> {
  const files = ['-keyout', `${name}.key`, '-out', `${name}.crt`];
  await run('openssl', ['req', '-x509', ...KEY, '-days', '30', '-subj', `/CN=${subject}`, ...files], {
    cwd: directory,
  });
}

async function leaf(directory: string, name: string, by: string, subject: string, extensions: string): Promise<void> {
  const at = { cwd: directory };
  await writeFile(join(directory, `${name}.ext`), `${extensions}\n`);
  await run('openssl', ['req', ...KEY, '-subj', `/CN=${subject}`, '-keyout', `${name}.key`, '-out', `${name}.csr`], at);
  const signer = ['-CA', `${by}.crt`, '-CAkey', `${by}.key`, '-CAcreateserial'];
  const files = ['-in', `${name}.csr`, '-extfile', `${name}.ext`, '-out', `${name}.crt`];
  await run('openssl', ['x509', '-req', '-days', '30', ...signer, ...files], at);
}
