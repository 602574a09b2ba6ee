import type { RecordMethods } from '../../protocol/methods/record.ts';
import type { Handlers } from '../handler.ts';
import { count } from './records/count.ts';
import { get } from './records/get.ts';
import { query } from './records/query.ts';
import { remove } from './records/remove.ts';
import { scan } from './records/scan.ts';
import { update } from './records/update.ts';
import { upsert } from './records/upsert.ts';

export const recordHandlers: Handlers<keyof RecordMethods> = {
  'record.upsert': upsert,
  'record.get': get,
  'record.scan': scan,
  'record.count': count,
  'record.query': query,
  'record.delete': remove,
  'record.update': update,
};
