import type { MethodName } from '../../protocol/methods/methods.ts';
import { collectionParams } from './collection.ts';
import { connectionParams } from './connection.ts';
import { daemonParams } from './daemon.ts';
import { eventParams } from './event.ts';
import { jobParams } from './job.ts';
import { nativeParams } from './native.ts';
import { partitionParams } from './partition.ts';
import { profileParams } from './profile.ts';
import { recordParams } from './record.ts';
import { sessionParams } from './session.ts';
import { settingsParams } from './settings.ts';
import type { ParamsSchemas } from './shared.ts';
import { transferParams } from './transfer.ts';

/** The schema of every method's params. */
export const schemas: ParamsSchemas<MethodName> = {
  ...daemonParams,
  ...settingsParams,
  ...profileParams,
  ...connectionParams,
  ...sessionParams,
  ...collectionParams,
  ...partitionParams,
  ...recordParams,
  ...nativeParams,
  ...transferParams,
  ...jobParams,
  ...eventParams,
};
