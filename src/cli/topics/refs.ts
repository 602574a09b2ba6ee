export const REFS_TOPIC = `References to collections

  CONNECTION[/COLLECTION[/PARTITION]]     prod/docs     pine/docs/tenant-a     ./docs

CONNECTION is an open connection or a saved profile, which is opened when needed. '.' is the active connection of the
session. A bare word is a connection: for a collection of the active connection write ./docs. Parts are percent-decoded:
write %2F for a slash inside a part.

Without a REF, --connection, --collection and --partition name the collection, then VDB_CONNECTION and VDB_COLLECTION,
then the session ('vdb use'). Commands of 'vdb collection' take a name alone, or a REF with a slash.

Names of profiles, connections and sessions are 1 to 63 of a-z, 0-9, dot, underscore and hyphen, and start with a letter
or digit.
`;
