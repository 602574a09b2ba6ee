import { VdbError } from '../../model/errors.ts';
import type { NativeMethods } from '../../protocol/methods/native.ts';
import type { Handlers } from '../handler.ts';
import { withConnection } from './lease.ts';

export const nativeHandlers: Handlers<keyof NativeMethods> = {
  /** Nobody but the database can tell whether a statement writes. */
  async 'native.run'({ target, statement, params }, request, services) {
    const started = performance.now();
    return withConnection(target, request, services, { writes: true }, async lease => {
      const { database, connection, profile, endpoint } = lease;
      if (!database.native) {
        throw new VdbError('unsupported', `${profile.provider} at ${endpoint} has no statements of its own`, {
          outcome: 'not_applied',
        });
      }
      let rows = 0;
      for await (const row of database.native(statement, params, request.call)) {
        rows++;
        await request.items([row]);
      }
      return { connection, rows, elapsedMs: Math.round(performance.now() - started) };
    });
  },
};
