import { join } from 'node:path';
import { type StateDocument, StateFile } from './files/stateFile.ts';

/** Every number that `config.json` may override. */
export const DEFAULTS = {
  connectTimeoutMs: 5_000,
  embeddedConnectTimeoutMs: 60_000,
  callTimeoutMs: 30_000,
  schemaTimeoutMs: 120_000,
  /** Held connections at most. */
  connectionLimit: 10,
  /** Connections opened on demand close after this long without a call. */
  onDemandIdleMs: 300_000,
  callsPerDatabase: 8,
  callQueue: 256,
  batchRecords: 1_000,
  batchBytes: 4 * 1024 * 1024,
  transferQueueBytes: 64 * 1024 * 1024,
  retryAttempts: 4,
  retryBaseMs: 100,
  retryCapMs: 5_000,
  /** Longest wait before the first try to open a lost connection again; it doubles with each one, … */
  reconnectBaseMs: 500,
  /** … up to this. */
  reconnectCapMs: 15_000,
  /** How often an idle held connection to a server is asked whether it still answers; 0 for never. */
  probeMs: 30_000,
  sessionExpiryMs: 7 * 86_400_000,
  jobRetentionMs: 30 * 86_400_000,
  differencesListed: 100,
  idleExitMs: 30 * 60_000,
  heldIdleExitMs: 12 * 3_600_000,
} as const;

export type SettingKey = keyof typeof DEFAULTS;
export type SettingValues = Record<SettingKey, number>;

type SettingsDocument = StateDocument & Partial<SettingValues>;

const MAY_BE_ZERO = new Set(['probeMs']);
const KEYS = Object.keys(DEFAULTS) as SettingKey[];

/** Settings of `<config>/config.json` over the defaults; a file that is changed counts from the next read on. */
export class Settings {
  readonly #file: StateFile<SettingsDocument>;

  constructor(configDir: string) {
    this.#file = new StateFile<SettingsDocument>(join(configDir, 'config.json'), {
      what: 'settings',
      empty: { version: 1 },
      check,
      guarded: true,
    });
  }

  /** Throws `config` when the file cannot be used. */
  async values(): Promise<SettingValues> {
    const document = await this.#file.read();
    return Object.fromEntries(KEYS.map(key => [key, document[key] ?? DEFAULTS[key]])) as SettingValues;
  }

  async list(): Promise<{ key: SettingKey; value: number; origin: 'default' | 'file' }[]> {
    const document = await this.#file.read();
    return KEYS.map(key => ({
      key,
      value: document[key] ?? DEFAULTS[key],
      origin: document[key] === undefined ? 'default' : 'file',
    }));
  }
}

function check(document: SettingsDocument): void {
  for (const [key, value] of Object.entries(document)) {
    if (key === 'version' || key === 'revision') continue;
    if (!Object.hasOwn(DEFAULTS, key)) throw new Error(`there is no setting "${key}"`);
    const least = MAY_BE_ZERO.has(key) ? 0 : 1;
    if (!Number.isSafeInteger(value) || (value as number) < least)
      throw new Error(`"${key}" is not a whole number of at least ${least}`);
  }
}
