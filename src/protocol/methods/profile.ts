import type { Capabilities } from '../../model/capabilities.ts';
import type { OptionValue } from '../../model/manifest.ts';

export interface ProfileMethods {
  /** Tests the connection first unless `test` is false; `dryRun` tests without saving. */
  'profile.add': { params: ProfileDraft & { test: boolean; dryRun: boolean }; result: Profile };
  'profile.list': { params: { provider?: string; tag?: string; folder?: string; search?: string }; result: Profile[] };
  'profile.show': { params: { name: string }; result: Profile };
  'profile.remove': { params: { name: string; dryRun: boolean }; result: { name: string; removed: boolean } };
  'profile.test': { params: { name: string }; result: ProfileTest };
}

export interface ProfileDraft {
  name: string;
  provider: string;
  options: Record<string, OptionValue>;
  /** Secret name → source: `env:VAR`, `cmd:COMMAND`, `file:PATH` or `prompt`. Never a value. (`secrets` is the envelope's.) */
  secretSources: Record<string, string>;
  tags: string[];
  folder: string | null;
  description: string | null;
  defaultCollection: string | null;
}

/** Profile of cli.md §8. `secrets` names them; `secretSources` says where each comes from, never a value. */
export interface Profile {
  id: string;
  name: string;
  provider: string;
  options: Record<string, OptionValue>;
  secrets: string[];
  secretSources: Record<string, string>;
  tags: string[];
  folder: string | null;
  description: string | null;
  defaultCollection: string | null;
  protected: boolean;
  createdAt: string;
  updatedAt: string;
  lastConnectedAt: string | null;
}

export interface ProfileTest {
  ok: true;
  provider: string;
  endpoint: string;
  latencyMs: number;
  serverVersion: string;
  capabilities: Capabilities & { verbs: string[] };
}
