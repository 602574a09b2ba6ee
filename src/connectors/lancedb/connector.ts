import { realpathSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { resolve } from 'node:path';
import { connect } from '@lancedb/lancedb';
import type { Connector } from '../../core/connector.ts';
import { makeDirectory } from '../../core/files/makeDirectory.ts';
import { VdbError } from '../../model/errors.ts';
import { classify } from './classify.ts';
import { LanceDatabase } from './database.ts';
import { manifest } from './manifest.ts';

/** Where links lead: two profiles of one directory must be seen as one place, or a migration could drop its own source. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // It is made when it is first opened.
    return resolve(path);
  }
}

export const connector: Connector = {
  manifest,
  classify,

  endpoint: options => realPath(String(options.path)),

  async connect(options) {
    const path = String(options.path);
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
      throw new VdbError('unsupported', `'${path}' is not a local directory`, {
        outcome: 'not_applied',
        hint: 'Only local directories can be locked against other writers; give a path.',
      });
    }
    const directory = realPath(path);
    makeDirectory(directory, 0o777);
    // The engine takes seconds over a directory that it may not read, and tells it with a place in its own sources.
    await access(directory, constants.R_OK | constants.X_OK);
    // Every read sees what any process wrote before it.
    const connection = await connect(directory, { readConsistencyInterval: 0 });
    const database = new LanceDatabase({ path: directory, connection });
    await connection.tableNames({ limit: 1 });
    return database;
  },
};
