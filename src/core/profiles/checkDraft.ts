import { VdbError } from '../../model/errors.ts';
import type { Manifest, OptionSpec, OptionValue } from '../../model/manifest.ts';
import { checkName } from '../../model/ref.ts';
import { isSecretSource, type ProfileInput } from './profile.ts';

const SECRET_LOOKING = /(pass(word|phrase)?|secret|token|api[-_]?key|credential)s?$/i;

/** Refuses a profile that its provider could not use, or that would put a secret into the file. Throws `usage` or `invalid`. */
export function checkDraft(draft: ProfileInput, manifest: Manifest): void {
  checkName(draft.name, 'profile');
  const given = Object.keys(draft.options);
  for (const name of given) checkOption(name, draft.options[name]!, manifest);
  checkAddress(given, manifest);
  for (const [name, source] of Object.entries(draft.secrets)) {
    if (!manifest.secrets.some(secret => secret.name === name)) {
      const known = manifest.secrets.map(secret => secret.name);
      throw refused(
        `${manifest.provider} takes no secret '${name}'`,
        known.length ? `It takes: ${known.join(', ')}.` : undefined,
      );
    }
    if (!isSecretSource(source)) {
      throw refused(
        `the source of secret '${name}' is not env:VAR, cmd:COMMAND, file:PATH or prompt`,
        'Give a source, never the secret itself.',
      );
    }
  }
}

function checkOption(name: string, value: OptionValue, manifest: Manifest): void {
  const spec = manifest.options.find(option => option.name === name);
  if (!spec) {
    if (SECRET_LOOKING.test(name)) throw secretInOption(name);
    const known = manifest.options.map(option => option.name);
    throw refused(`${manifest.provider} has no option '${name}'`, `It has: ${known.join(', ')}.`);
  }
  if (!hasType(value, spec)) throw refused(`option '${name}' is not of type ${spec.type}`);
  if (spec.choices && !spec.choices.includes(String(value))) {
    throw refused(`option '${name}' is none of ${spec.choices.join(', ')}`);
  }
  if (typeof value !== 'string') return;
  if (/[\0\r\n]/.test(value)) {
    throw new VdbError('invalid', `option '${name}' holds a line break or NUL`, { outcome: 'not_applied' });
  }
  if (holdsPassword(value)) throw secretInOption(name);
}

function checkAddress(given: string[], { addressedBy, provider }: Manifest): void {
  const sets = addressedBy.filter(set => set.every(name => given.includes(name)));
  if (addressedBy.length === 0 || sets.length === 1) return;
  const ways = addressedBy.map(set => set.join(' and ')).join(', or ');
  throw refused(
    sets.length === 0
      ? `the profile does not say where the ${provider} database is`
      : `the profile says in more than one way where the ${provider} database is`,
    `Give ${ways}.`,
  );
}

/** A password in the user part of a URL, or as one of its parameters. */
function holdsPassword(text: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return false;
  const [, authority = ''] = /^[^/]*\/\/([^/?#]*)/.exec(text) ?? [];
  const user = authority.slice(0, Math.max(0, authority.lastIndexOf('@')));
  if (/:./.test(user)) return true;
  const query = text.split('#')[0]!.split('?')[1] ?? '';
  return [...new URLSearchParams(query)].some(([key, value]) => value !== '' && SECRET_LOOKING.test(key));
}

function hasType(value: OptionValue, { type }: OptionSpec): boolean {
  if (type === 'integer') return Number.isSafeInteger(value);
  if (type === 'boolean') return typeof value === 'boolean';
  return typeof value === 'string' && value !== '';
}

function secretInOption(name: string): VdbError {
  return refused(
    `option '${name}' holds a secret, which is never saved in a profile`,
    'Give its source instead: --secret NAME=env:VAR, cmd:COMMAND or file:PATH, or --prompt.',
  );
}

function refused(message: string, hint?: string): VdbError {
  return new VdbError('usage', message, { outcome: 'not_applied', hint });
}
