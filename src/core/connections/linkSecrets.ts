import { VdbError } from '../../model/errors.ts';
import type { Secrets } from '../connector.ts';
import type { StoredProfile } from '../profiles/profile.ts';
import { Secret } from '../secret.ts';

/** Profile → secret name → value, as callers send it. */
export type GivenSecrets = Record<string, Record<string, string>>;

/** A profile's secrets in memory, for as long as a connection of it is open. */
export class LinkSecrets {
  readonly #profile: StoredProfile;
  #values: Secrets = {};

  constructor(profile: StoredProfile) {
    this.#profile = profile;
  }

  /** All of the profile's secrets; all sources are the caller's to resolve. Throws `denied` (needs_secret) naming those that lack. */
  take(given: GivenSecrets): Secrets {
    const { name: profile, secrets } = this.#profile;
    const offered = Object.hasOwn(given, profile) ? given[profile]! : {};
    for (const name of Object.keys(secrets)) {
      if (Object.hasOwn(offered, name)) this.#values[name] = new Secret(offered[name]!);
    }
    const needs = Object.entries(secrets)
      .filter(([name]) => !Object.hasOwn(this.#values, name))
      .map(([name, source]) => ({ profile, name, source }));
    if (needs.length === 0) return this.#values;
    throw new VdbError('denied', `profile '${profile}' needs its ${needs.map(({ name }) => name).join(', ')}`, {
      reason: 'needs_secret',
      outcome: 'not_applied',
      needs,
      hint: `It comes from ${needs.map(({ source }) => source).join(', ')}.`,
    });
  }

  /** What no error may carry. */
  texts(): string[] {
    return Object.values(this.#values).map(secret => secret.reveal());
  }

  forget(): void {
    this.#values = {};
  }
}
