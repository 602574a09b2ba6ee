import type { Handlers } from '../handler.ts';
import { collectionHandlers } from './collection.ts';
import { connectionHandlers } from './connection.ts';
import { daemonHandlers } from './daemon.ts';
import { eventHandlers } from './event.ts';
import { jobHandlers } from './job.ts';
import { nativeHandlers } from './native.ts';
import { partitionHandlers } from './partition.ts';
import { profileHandlers } from './profile.ts';
import { recordHandlers } from './record.ts';
import { sessionHandlers } from './session.ts';
import { settingsHandlers } from './settings.ts';
import { transferHandlers } from './transfer.ts';

/** The handler of every method. */
export const handlers: Handlers = {
  ...daemonHandlers,
  ...settingsHandlers,
  ...profileHandlers,
  ...connectionHandlers,
  ...sessionHandlers,
  ...collectionHandlers,
  ...partitionHandlers,
  ...recordHandlers,
  ...nativeHandlers,
  ...transferHandlers,
  ...jobHandlers,
  ...eventHandlers,
};
