import { VdbError } from '../model/errors.ts';
import type { Manifest, OptionValue, OptionSpec as ProviderOption } from '../model/manifest.ts';
import type { ProfileDraft } from '../protocol/methods/profile.ts';
import { absolutePath } from './absolutePath.ts';
import type { OptionSpec, OptionValues } from './command.ts';
import { providers } from './providers.ts';

const SOURCES = /^(env:[A-Za-z_][A-Za-z0-9_]*|cmd:.+|file:.+|prompt)$/s;

/** Flags that would put a secret on the command line; known only to be refused with the way that works. */
const SECRET_FLAGS = new Set([
  ...providers.flatMap(({ secrets }) => secrets.map(({ name }) => kebab(name))),
  'password',
  'api-key',
  'token',
]);

/** Every provider's options as flags; an option that several have is one flag. */
export const DRAFT_OPTIONS: readonly OptionSpec[] = draftOptions();

/** camelCase → kebab-case: idColumn → id-column */
export function kebab(name: string): string {
  return name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`);
}

/** Throws `usage` for a secret given as a plain value, without repeating it. */
export function refusePlainSecrets(options: OptionValues): void {
  for (const flag of SECRET_FLAGS) {
    const name = camel(flag);
    if (options[name] !== undefined) throw plainSecret(`--${flag} would put a secret on the command line`, name);
  }
}

/** The profile that the flags describe. Throws `usage` for options of other providers and incomplete addresses. */
export function draftFrom(name: string, manifest: Manifest, given: OptionValues): ProfileDraft {
  const options: Record<string, OptionValue> = {};
  for (const provider of providers) {
    for (const option of provider.options) {
      const value = given[option.name];
      if (value === undefined) continue;
      const own = manifest.options.find(other => other.name === option.name);
      if (!own) throw otherProvider(manifest, option.name);
      options[option.name] = typed(own, value);
    }
  }
  checkAddress(manifest, options);
  return {
    name,
    provider: manifest.provider,
    options,
    secretSources: sources(manifest, given),
    tags: given.tag ?? [],
    folder: given.folder ?? null,
    description: given.description ?? null,
    defaultCollection: given.defaultCollection ?? null,
  };
}

function draftOptions(): OptionSpec[] {
  const flags = new Map<string, OptionSpec>();
  for (const { provider, options } of providers) {
    for (const option of options) {
      const known = flags.get(option.name);
      const value = option.type === 'boolean' ? '' : ` <${option.type === 'string' ? 'text' : option.type}>`;
      const help = known ? `${known.help}; ${provider}: ${option.help}` : `${provider}: ${option.help}`;
      flags.set(option.name, { flags: `--${kebab(option.name)}${value}`, help });
    }
  }
  const refused = [...SECRET_FLAGS].filter(flag => !flags.has(camel(flag)));
  return [...flags.values(), ...refused.map(flag => ({ flags: `--${flag} [value]`, help: '', hidden: true }))];
}

function typed(option: ProviderOption, value: unknown): OptionValue {
  const flag = `--${kebab(option.name)}`;
  if (option.type === 'boolean') return true;
  const text = String(value);
  if (option.choices && !option.choices.includes(text)) {
    throw new VdbError('usage', `${flag} cannot be '${text}'`, { hint: `Give one of ${option.choices.join(', ')}.` });
  }
  if (option.type === 'integer') {
    if (/^\d{1,9}$/.test(text)) return Number(text);
    throw new VdbError('usage', `${flag} takes a whole number, not '${text}'`);
  }
  if (option.type === 'path') return absolutePath(text);
  if (option.type === 'url') refuseUrlSecrets(flag, text);
  return text;
}

function refuseUrlSecrets(flag: string, text: string): void {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    // Not repeated: what does not parse may still hold a password.
    throw new VdbError('usage', `${flag} is not a URL`, { hint: 'Write it as SCHEME://HOST:PORT.' });
  }
  if (url.password !== '') throw plainSecret(`${flag} holds a password`, 'password');
  for (const key of url.searchParams.keys()) {
    if (/password|secret|token|api[-_]?key/i.test(key))
      throw plainSecret(`${flag} holds a secret in '${key}'`, camel(key));
  }
}

function checkAddress(manifest: Manifest, options: Record<string, OptionValue>): void {
  // A cloud is where it is.
  if (manifest.addressedBy.length === 0) return;
  const complete = manifest.addressedBy.filter(set => set.every(name => options[name] !== undefined));
  const ways = manifest.addressedBy.map(set => set.map(name => `--${kebab(name)}`).join(' with ')).join(', ');
  if (complete.length === 0) {
    throw new VdbError('usage', `a ${manifest.provider} profile needs an address`, { hint: `Give one of ${ways}.` });
  }
  if (complete.length > 1) {
    throw new VdbError('usage', `a ${manifest.provider} profile takes one address, not ${complete.length}`, {
      hint: `Give only one of ${ways}.`,
    });
  }
}

function sources(manifest: Manifest, given: OptionValues): Record<string, string> {
  const names = manifest.secrets.map(({ name }) => name);
  const result: Record<string, string> = {};
  if (given.prompt) for (const name of names) result[name] = 'prompt';
  for (const text of (given.secret ?? []) as string[]) {
    const equals = text.indexOf('=');
    const name = equals < 0 ? '' : text.slice(0, equals);
    const source = text.slice(equals + 1);
    if (!names.includes(name)) {
      const known = names.length === 0 ? 'no secrets' : names.join(', ');
      throw new VdbError('usage', '--secret must begin with the name of a secret and =', {
        hint: `${manifest.provider} has ${known}.`,
      });
    }
    if (!SOURCES.test(source)) throw plainSecret(`--secret ${name} names no source`, name);
    result[name] = source.startsWith('file:') ? `file:${absolutePath(source.slice('file:'.length))}` : source;
  }
  return result;
}

function otherProvider(manifest: Manifest, option: string): VdbError {
  const flags = manifest.options.map(({ name }) => `--${kebab(name)}`).join(' ');
  return new VdbError('usage', `--${kebab(option)} is not an option of ${manifest.provider}`, {
    hint: `${manifest.provider} takes ${flags}.`,
  });
}

function plainSecret(message: string, name: string): VdbError {
  return new VdbError('usage', message, {
    hint: `Say where it comes from: --secret ${name}=env:VAR, --secret ${name}=cmd:COMMAND, --secret ${name}=file:PATH, or --prompt.`,
  });
}

function camel(flag: string): string {
  return flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
