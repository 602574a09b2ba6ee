import type { CollectionMethods } from './collection.ts';
import type { ConnectionMethods } from './connection.ts';
import type { DaemonMethods } from './daemon.ts';
import type { EventMethods } from './event.ts';
import type { JobMethods } from './job.ts';
import type { NativeMethods } from './native.ts';
import type { PartitionMethods } from './partition.ts';
import type { ProfileMethods } from './profile.ts';
import type { RecordMethods } from './record.ts';
import type { SessionMethods } from './session.ts';
import type { TransferMethods } from './transfer.ts';

/** The one table: method name → params, stream item (when it streams) and result. Both sides are typed from it. */
export interface Methods
  extends DaemonMethods,
    ProfileMethods,
    ConnectionMethods,
    SessionMethods,
    CollectionMethods,
    PartitionMethods,
    RecordMethods,
    NativeMethods,
    TransferMethods,
    JobMethods,
    EventMethods {}

export type MethodName = keyof Methods;
export type Params<M extends MethodName> = Methods[M]['params'];
export type Result<M extends MethodName> = Methods[M]['result'];
export type Item<M extends MethodName> = Methods[M] extends { item: infer I } ? I : never;

/** Raised when a method's meaning changes; client and daemon of different protocols do not talk. */
export const PROTOCOL = 1;
