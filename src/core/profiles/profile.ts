import type { OptionValue } from '../../model/manifest.ts';

/** A profile as it stands in profiles.json. Members that vdb does not know are kept. */
export interface StoredProfile {
  id: string;
  name: string;
  provider: string;
  options: Record<string, OptionValue>;
  /** Secret name → source: `env:VAR`, `cmd:COMMAND`, `file:PATH` or `prompt`. Never a value. */
  secrets: Record<string, string>;
  tags: string[];
  folder: string | null;
  description: string | null;
  defaultCollection: string | null;
  protected: boolean;
  createdAt: string;
  updatedAt: string;
  lastConnectedAt: string | null;
}

/** What a person gives to make one. */
export type ProfileInput = Pick<
  StoredProfile,
  'name' | 'provider' | 'options' | 'secrets' | 'tags' | 'folder' | 'description' | 'defaultCollection'
>;

const SOURCE = /^(prompt|(env|cmd|file):.+)$/s;

export function isSecretSource(text: string): boolean {
  return SOURCE.test(text);
}
