import type { MethodName } from './methods.ts';

/** Which deadline a method runs under when the caller gives none (architecture §6). */
export type DeadlineKind = 'call' | 'connect' | 'stream' | 'schema' | 'job';

/** What documentation, `vdb rpc --list` and the daemon's dispatcher need to know of each method. */
export const SUMMARIES: Record<MethodName, { summary: string; deadline: DeadlineKind; writes?: boolean }> = {
  'daemon.hello': {
    summary: 'Proves that the caller may use this daemon; the first frame on every socket.',
    deadline: 'call',
  },
  'daemon.status': { summary: 'Process, version, memory, open connections and running jobs.', deadline: 'call' },
  'daemon.stop': { summary: 'Finishes what runs and stops.', deadline: 'call' },
  'daemon.settings': { summary: 'Settings with where each came from.', deadline: 'call' },
  'daemon.methods': { summary: 'Every method with its summary.', deadline: 'call' },
  'profile.add': { summary: 'Saves a profile, after testing its connection.', deadline: 'connect' },
  'profile.list': { summary: 'Saved profiles.', deadline: 'call' },
  'profile.show': { summary: 'One profile, without its secrets.', deadline: 'call' },
  'profile.remove': { summary: 'Removes a profile.', deadline: 'call' },
  'profile.test': { summary: 'Connects, and tells latency, version and capabilities.', deadline: 'connect' },
  'connection.open': { summary: 'Opens and holds a connection.', deadline: 'connect' },
  'connection.close': { summary: 'Closes a held connection, or all.', deadline: 'call' },
  'connection.list': { summary: 'Held connections and their states; opens nothing.', deadline: 'call' },
  'connection.ping': { summary: 'One round trip to the database.', deadline: 'connect' },
  'session.status': { summary: 'The session, what is active in it, connections and daemon.', deadline: 'call' },
  'session.use': { summary: 'Sets the active connection, collection and partition.', deadline: 'connect' },
  'session.list': { summary: 'Sessions and what is active in each.', deadline: 'call' },
  'session.remove': { summary: 'Forgets a session.', deadline: 'call' },
  'collection.list': { summary: 'Collections of a connection.', deadline: 'connect' },
  'collection.create': { summary: 'Creates a collection.', deadline: 'schema', writes: true },
  'collection.describe': { summary: 'Vectors, fields, index and count of a collection.', deadline: 'connect' },
  'collection.drop': { summary: 'Drops a collection with everything in it.', deadline: 'schema', writes: true },
  'record.upsert': { summary: 'Writes whole records given as lines of JSON.', deadline: 'stream', writes: true },
  'record.get': { summary: 'Records by id.', deadline: 'stream' },
  'record.scan': { summary: 'Every record, or those a filter matches.', deadline: 'stream' },
  'record.count': { summary: 'How many records there are, or match a filter.', deadline: 'stream' },
  'record.query': { summary: 'The nearest records to a vector.', deadline: 'connect' },
  'record.delete': { summary: 'Deletes records by id, by filter, or all.', deadline: 'stream', writes: true },
  'transfer.plan': { summary: 'What a migration would do and lose.', deadline: 'job' },
  'transfer.migrate': { summary: 'Copies a collection to another and verifies it.', deadline: 'job', writes: true },
  'transfer.verify': { summary: 'Compares two collections record by record.', deadline: 'job' },
  'transfer.fingerprint': { summary: 'An order-free digest of everything in a collection.', deadline: 'job' },
  'job.list': { summary: 'Jobs of the last 30 days.', deadline: 'call' },
  'job.show': { summary: 'One job with its result.', deadline: 'call' },
  'job.resume': { summary: 'Continues an interrupted job.', deadline: 'job', writes: true },
  'job.remove': { summary: 'Forgets a job and its journal.', deadline: 'call' },
};
