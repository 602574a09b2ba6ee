import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificates } from '../../servers/certificates.ts';
import { World } from '../world.ts';

/** The dimension of a stage's collection. */
export const DIMENSION = 4;

/** One provider's daemon, certificates and fault servers. */
export class Stage {
  readonly world = new World({ keep: true, env: { VDB_LOG: 'debug' } });
  readonly secrets = new Set<string>();
  /** Part of names, such that no other run on the same server has them. */
  readonly run = `${Date.now().toString(36)}${process.pid.toString(36)}`;
  readonly #closers: (() => Promise<unknown>)[] = [];

  /** Closed with the stage, the last one first. */
  async keep<T extends { close(): Promise<unknown> }>(starting: T | Promise<T>): Promise<T> {
    const started = await starting;
    this.atEnd(() => started.close());
    return started;
  }

  atEnd(close: () => Promise<unknown>): void {
    this.#closers.push(close);
  }

  async profile(
    name: string,
    provider: string,
    flags: string[],
    secret: readonly [string, string] | undefined,
    as = {},
  ): Promise<void> {
    const from: string[] = [];
    if (secret) {
      const variable = `SECRET_${name.toUpperCase().replaceAll('-', '_')}`;
      this.world.env[variable] = secret[1];
      this.secrets.add(secret[1]);
      from.push('--secret', `${secret[0]}=env:${variable}`);
    }
    await this.world.ok(['profile', 'add', name, '--provider', provider, ...flags, ...from, '--no-test'], as);
  }

  /** Directory of the test's certificates (see certificates.ts). */
  async certificates(): Promise<string> {
    const directory = join(this.world.dir, 'certificates');
    await makeCertificates(directory);
    return directory;
  }

  /** A collection at the profile, dropped with the stage. */
  async collection(profile: string): Promise<string> {
    const spec = ['--dimension', String(DIMENSION), '--metric', 'cosine'];
    const { name } = await this.world.json(['collection', 'create', `${profile}/faults${this.run}`, ...spec]);
    this.atEnd(() => this.world.ok(['collection', 'drop', `${profile}/${name}`, '--yes']));
    return name;
  }

  /** Files of config and state, the daemon's log among them, in which a secret stands in any form. */
  leaks(): string[] {
    const files = readdirSync(this.world.dir, { withFileTypes: true, recursive: true }).filter(entry => {
      return entry.isFile() && /\/(config|state)/.test(entry.parentPath);
    });
    return files.map(({ parentPath, name }) => join(parentPath, name)).filter(file => this.told(readFileSync(file)));
  }

  /** Whether a secret stands in the text in any form. */
  told(text: string | Buffer): boolean {
    const forms = [...this.secrets].flatMap(secret => [secret, encodeURIComponent(secret), btoa(secret)]);
    return forms.some(form => text.includes(form));
  }

  async end(): Promise<void> {
    try {
      for (const close of this.#closers.reverse()) await close();
    } finally {
      await this.world.end();
    }
  }
}
