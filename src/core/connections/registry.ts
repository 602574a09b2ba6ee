import { VdbError } from '../../model/errors.ts';
import type { Connector } from '../connector.ts';

/** Provider → its connector, loaded when first needed. */
export type Registry = Record<string, () => Promise<Connector>>;

/** Throws `usage` for a provider that is not there. */
export async function loadConnector(registry: Registry, provider: string): Promise<Connector> {
  const load = Object.hasOwn(registry, provider) ? registry[provider] : undefined;
  if (load) return load();
  throw new VdbError('usage', `there is no provider '${provider}'`, {
    outcome: 'not_applied',
    hint: `There is: ${Object.keys(registry).sort().join(', ')}.`,
  });
}
