/** Columns of connections in tables and CSV. */
export const CONNECTION_FIELDS = [
  'name',
  'state',
  'active',
  'provider',
  'endpoint',
  'activeCollection',
  'collections',
  'latencyMs',
  'serverVersion',
];
