import { resolve } from 'node:path';
import { checkDraft } from '../../core/profiles/checkDraft.ts';
import type { StoredProfile } from '../../core/profiles/profile.ts';
import { profileExists } from '../../core/profiles/profileStore.ts';
import { VdbError } from '../../model/errors.ts';
import type { Manifest, OptionValue } from '../../model/manifest.ts';
import type { Profile, ProfileMethods } from '../../protocol/methods/profile.ts';
import type { Handlers } from '../handler.ts';

const FAVORITE = 'favorite';

export const profileHandlers: Handlers<keyof ProfileMethods> = {
  async 'profile.add'(
    { test, dryRun, secretSources, ...draft },
    { context, secrets, call },
    { profiles, connections, events },
  ) {
    const { manifest } = await connections.connector(draft.provider);
    const profile = profiles.draft({
      ...draft,
      secrets: secretSources,
      options: absolute(draft.options, manifest, context.cwd),
    });
    checkDraft(profile, manifest);
    if (await profiles.find(profile.name)) throw profileExists(profile.name);
    refuseConnectionName(
      profile.name,
      (await connections.list()).map(({ name }) => name),
    );
    if (test || dryRun) {
      await connections.test(profile, secrets, call, context.timeoutMs);
      profile.lastConnectedAt = new Date().toISOString();
    }
    if (!dryRun) {
      await profiles.add(profile);
      events.tell('profile.added', { profile: profile.name, provider: profile.provider });
    }
    return profileJson(profile);
  },

  async 'profile.list'({ provider, tag, folder, search }, _request, { profiles }) {
    const needle = search?.toLowerCase();
    const found = (await profiles.list()).filter(
      profile =>
        (provider === undefined || profile.provider === provider) &&
        (tag === undefined || profile.tags.includes(tag)) &&
        (folder === undefined || profile.folder === folder) &&
        (needle === undefined || searched(profile).includes(needle)),
    );
    const rank = ({ tags, name }: StoredProfile): string => `${tags.includes(FAVORITE) ? 0 : 1}${name}`;
    return found.sort((a, b) => (rank(a) < rank(b) ? -1 : 1)).map(profileJson);
  },

  async 'profile.show'({ name }, _request, { profiles }) {
    return profileJson(await profiles.get(name));
  },

  async 'profile.remove'({ name, dryRun }, _request, { profiles, connections, sessions, events }) {
    await profiles.get(name);
    if (dryRun) return { name, removed: false };
    for (const connection of await connections.closeProfile(name)) await sessions.forget(connection);
    await profiles.remove(name);
    await sessions.forget(name);
    events.tell('profile.deleted', { profile: name });
    return { name, removed: true };
  },

  async 'profile.test'({ name }, { context, secrets, call }, { profiles, connections }) {
    await profiles.get(name);
    return { ok: true as const, ...(await connections.probe(name, secrets, call, context.timeoutMs)) };
  },
};

/** Relative paths are the caller's. */
function absolute(options: Record<string, OptionValue>, manifest: Manifest, cwd: string): Record<string, OptionValue> {
  const paths = new Set(manifest.options.filter(({ type }) => type === 'path').map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      paths.has(name) && typeof value === 'string' && value !== '' ? resolve(cwd, value) : value,
    ]),
  );
}

/** A name means one thing: a held connection of that name would hide the profile. */
function refuseConnectionName(name: string, connections: string[]): void {
  if (!connections.includes(name)) return;
  throw new VdbError('exists', `a connection of another profile is named '${name}'`, {
    outcome: 'not_applied',
    hint: `Close it first with 'vdb disconnect ${name}', or choose another name.`,
  });
}

function searched({ name, provider, description, folder, tags, options }: StoredProfile): string {
  return [name, provider, description, folder, ...tags, ...Object.values(options)].join('\n').toLowerCase();
}

function profileJson(profile: StoredProfile): Profile {
  return {
    id: profile.id,
    name: profile.name,
    provider: profile.provider,
    options: profile.options,
    secrets: Object.keys(profile.secrets),
    secretSources: profile.secrets,
    tags: profile.tags,
    folder: profile.folder,
    description: profile.description,
    defaultCollection: profile.defaultCollection,
    protected: profile.protected,
    createdAt: profile.createdAt,
    updatedAt: profile.updatedAt,
    lastConnectedAt: profile.lastConnectedAt,
  };
}
