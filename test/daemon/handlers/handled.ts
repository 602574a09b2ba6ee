import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConnectionManager } from '../../../src/core/connections/connectionManager.ts';
import type { Connector } from '../../../src/core/connector.ts';
import { Events } from '../../../src/core/events/events.ts';
import { ProfileStore } from '../../../src/core/profiles/profileStore.ts';
import { SessionStore } from '../../../src/core/sessions/sessionStore.ts';
import { Settings } from '../../../src/core/settings.ts';
import { JobStore } from '../../../src/core/transfer/jobStore.ts';
import type { Request } from '../../../src/daemon/handler.ts';
import { handlers } from '../../../src/daemon/handlers/index.ts';
import { Log } from '../../../src/daemon/log.ts';
import { schemas } from '../../../src/daemon/params/index.ts';
import type { Services } from '../../../src/daemon/services.ts';
import type { Item, MethodName, Params, Result } from '../../../src/protocol/methods/methods.ts';
import type { Context } from '../../../src/protocol/methods/shared.ts';
import { newCall } from '../../core/fakeDatabase.ts';

export interface CallOptions {
  context?: Partial<Context>;
  secrets?: Record<string, Record<string, string>>;
}

/** The handlers on real services in a directory of their own, called as the dispatcher does. */
export class Handled {
  readonly directory = mkdtempSync(join(tmpdir(), 'vdb-handlers-'));
  readonly services: Services;
  /** Items of the last call. */
  items: unknown[] = [];

  constructor(connectors: Record<string, Connector>) {
    const { directory } = this;
    const settings = new Settings(directory);
    const profiles = new ProfileStore(directory);
    const registry = Object.fromEntries(
      Object.entries(connectors).map(([name, connector]) => [name, async () => connector]),
    );
    const events = new Events();
    const connections = new ConnectionManager({ stateDir: directory, profiles, settings, registry, events });
    this.services = {
      stateDir: directory,
      configDir: directory,
      settings,
      profiles,
      sessions: new SessionStore(directory, async () => (await settings.values()).sessionExpiryMs, events),
      connections,
      jobs: new JobStore(directory),
      events,
      log: new Log(join(directory, 'vdbd.log')),
      status: () => ({
        running: true,
        pid: 1,
        version: '1',
        protocol: 1,
        socket: '/s',
        startedAt: '',
        rssBytes: 1,
        connections: 0,
        jobs: 0,
      }),
      stop: () => undefined,
    };
  }

  async call<M extends MethodName>(
    method: M,
    params: Params<M>,
    { context = {}, secrets = {} }: CallOptions = {},
  ): Promise<Result<M>> {
    this.items = [];
    const request: Request<M> = {
      id: 'r1',
      context: { session: 'default', cwd: this.directory, umask: 0o022, readOnly: false, ...context },
      secrets,
      call: newCall(),
      items: async (items: Item<M>[]) => void this.items.push(...items),
      progress: () => undefined,
    };
    // As over the socket: what JSON cannot carry is not there.
    const valid = schemas[method].parse(JSON.parse(JSON.stringify(params))) as Params<M>;
    return handlers[method](valid, request, this.services);
  }

  /** Items of the last call, parsed. */
  get records(): { id: string | number; [key: string]: unknown }[] {
    return this.items.map(item => JSON.parse(item as string));
  }

  /** A saved profile on a database of its own. */
  async profile(name: string, provider = 'memory', more: Partial<Params<'profile.add'>> = {}): Promise<void> {
    await this.call('profile.add', {
      name,
      provider,
      options: { path: `${this.directory}/${name}` },
      secretSources: {},
      tags: [],
      folder: null,
      description: null,
      defaultCollection: null,
      test: false,
      dryRun: false,
      ...more,
    });
  }

  async close(): Promise<void> {
    await this.services.connections.closeAll();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
