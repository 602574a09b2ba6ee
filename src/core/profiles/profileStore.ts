import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { VdbError } from '../../model/errors.ts';
import { isName } from '../../model/ref.ts';
import { type StateDocument, StateFile } from '../files/stateFile.ts';
import { isSecretSource, type ProfileInput, type StoredProfile } from './profile.ts';

/** What a person may have left out when writing the file by hand. */
type WrittenProfile = Pick<StoredProfile, 'name' | 'provider'> & Partial<StoredProfile>;

interface ProfileDocument extends StateDocument {
  profiles: WrittenProfile[];
}

/** Saved profiles, in `<config>/profiles.json`: hand-editable, without secrets. Every call sees the file as it is now. */
export class ProfileStore {
  readonly #file: StateFile<ProfileDocument>;

  constructor(configDir: string) {
    this.#file = new StateFile<ProfileDocument>(join(configDir, 'profiles.json'), {
      what: 'profiles',
      empty: { version: 1, profiles: [] },
      check: checkDocument,
      backup: true,
      guarded: true,
    });
  }

  async list(): Promise<StoredProfile[]> {
    return (await this.#file.read()).profiles.map(completed);
  }

  async find(name: string): Promise<StoredProfile | undefined> {
    return (await this.list()).find(profile => profile.name === name);
  }

  /** Throws `not_found`. */
  async get(name: string): Promise<StoredProfile> {
    const profile = await this.find(name);
    if (!profile) throw noProfile(name);
    return profile;
  }

  /** A profile as `add` would save it. */
  draft(input: ProfileInput): StoredProfile {
    const now = new Date().toISOString();
    return {
      id: randomUUID(),
      ...input,
      protected: false,
      createdAt: now,
      updatedAt: now,
      lastConnectedAt: null,
    };
  }

  /** Throws `exists`. */
  async add(profile: StoredProfile): Promise<void> {
    await this.#file.update(document => {
      if (document.profiles.some(other => other.name === profile.name)) throw profileExists(profile.name);
      document.profiles.push(profile);
    });
  }

  /** Throws `not_found`. */
  async remove(name: string): Promise<void> {
    await this.#file.update(document => {
      const at = document.profiles.findIndex(profile => profile.name === name);
      if (at < 0) throw noProfile(name);
      document.profiles.splice(at, 1);
    });
  }

  /** Remembers a successful connection; a profile removed meanwhile stays removed. */
  async connected(name: string): Promise<void> {
    await this.#file.update(
      document => {
        const profile = document.profiles.find(other => other.name === name);
        if (profile) profile.lastConnectedAt = new Date().toISOString();
      },
      { backup: false },
    );
  }
}

export function profileExists(name: string): VdbError {
  return new VdbError('exists', `a profile '${name}' exists already`, {
    outcome: 'not_applied',
    hint: "Choose another name, or remove it first with 'vdb profile remove'.",
  });
}

function noProfile(name: string): VdbError {
  return new VdbError('not_found', `there is no profile '${name}'`, {
    outcome: 'not_applied',
    hint: "'vdb profile list' shows the saved ones.",
  });
}

function completed(profile: WrittenProfile): StoredProfile {
  return {
    ...profile,
    id: profile.id ?? profile.name,
    options: profile.options ?? {},
    secrets: profile.secrets ?? {},
    tags: profile.tags ?? [],
    folder: profile.folder ?? null,
    description: profile.description ?? null,
    defaultCollection: profile.defaultCollection ?? null,
    protected: profile.protected ?? false,
    createdAt: profile.createdAt ?? '',
    updatedAt: profile.updatedAt ?? '',
    lastConnectedAt: profile.lastConnectedAt ?? null,
  };
}

function checkDocument({ profiles }: ProfileDocument): void {
  if (!Array.isArray(profiles)) throw new Error('"profiles" is not a list');
  const names = new Set<string>();
  for (const [index, profile] of profiles.entries()) {
    const at = `profile ${index + 1}`;
    if (!isObject(profile)) throw new Error(`${at} is not an object`);
    if (typeof profile.name !== 'string' || !isName(profile.name)) throw new Error(`${at} has no valid "name"`);
    if (names.has(profile.name)) throw new Error(`two profiles are named '${profile.name}'`);
    names.add(profile.name);
    if (typeof profile.provider !== 'string') throw new Error(`profile '${profile.name}' has no "provider"`);
    checkMembers(profile);
  }
}

function checkMembers(profile: WrittenProfile): void {
  const fail = (what: string): never => {
    throw new Error(`profile '${profile.name}' has ${what}`);
  };
  const { options = {}, secrets = {}, tags = [] } = profile;
  if (!isObject(options)) fail('"options" that are not an object');
  for (const [key, value] of Object.entries(options)) {
    if (!['string', 'number', 'boolean'].includes(typeof value))
      fail(`an option "${key}" that is not text, number or boolean`);
  }
  if (!isObject(secrets)) fail('"secrets" that are not an object');
  for (const [key, source] of Object.entries(secrets)) {
    if (typeof source !== 'string' || !isSecretSource(source)) {
      fail(`a secret "${key}" whose source is not env:, cmd:, file: or prompt`);
    }
  }
  if (!Array.isArray(tags) || tags.some(tag => typeof tag !== 'string')) fail('"tags" that are not a list of texts');
  for (const key of ['folder', 'description', 'defaultCollection'] as const) {
    if (profile[key] != null && typeof profile[key] !== 'string') fail(`a "${key}" that is not text`);
  }
  if (profile.protected !== undefined && typeof profile.protected !== 'boolean')
    fail('a "protected" that is not true or false');
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
