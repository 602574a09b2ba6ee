import { ConnectionManager } from '../core/connections/connectionManager.ts';
import type { Connector } from '../core/connector.ts';
import { Events } from '../core/events/events.ts';
import { ProfileStore } from '../core/profiles/profileStore.ts';
import { SessionStore } from '../core/sessions/sessionStore.ts';
import { DEFAULTS, Settings } from '../core/settings.ts';
import { JobStore } from '../core/transfer/jobStore.ts';
import { handlers } from './handlers/index.ts';
import { schemas } from './params/index.ts';
import type { Assembly, Host } from './run.ts';
import type { Services } from './services.ts';

/** Puts the daemon's parts together. Opens no database and reads no file: a damaged one is told by the calls that need it. */
export async function assemble(host: Host, registry: Record<string, () => Promise<Connector>>): Promise<Assembly> {
  const { stateDir, configDir, log } = host;
  const settings = new Settings(configDir);
  const profiles = new ProfileStore(configDir);
  const events = new Events();
  const sessions = new SessionStore(stateDir, async () => (await settings.values()).sessionExpiryMs, events);
  const jobs = new JobStore(stateDir);
  const connections = new ConnectionManager({ stateDir, profiles, settings, registry, events });
  const services: Services = {
    stateDir,
    configDir,
    settings,
    profiles,
    sessions,
    connections,
    jobs,
    events,
    log,
    status: () => ({ ...host.status(), connections: connections.openCount, jobs: jobs.running }),
    stop: now => host.stop(now),
  };
  return {
    handlers,
    schemas,
    services,
    // Calls that need the settings tell what is wrong with them; a deadline must be there in any case.
    deadlines: async () => deadlines(await settings.values().catch(() => DEFAULTS)),
    drain: () => events.close(),
    close: () => connections.closeAll(),
  };
}

function deadlines(values: Record<keyof typeof DEFAULTS, number>) {
  return { callMs: values.callTimeoutMs, schemaMs: values.schemaTimeoutMs, connectMs: values.embeddedConnectTimeoutMs };
}
