import neo4j from 'neo4j-driver';
import type { Call, Secrets } from '../../core/connector.ts';
import type { Neo4jAddress } from './address.ts';
import { Neo4jLink } from './link.ts';

/** A peer that accepts and stays mute costs this long (the driver's own default is 60 s). */
const ACQUISITION_MS = 15_000;
const CONNECTION_MS = 5_000;

/** Opens nothing yet: the driver connects at the first statement. */
export function openDriver(address: Neo4jAddress, { password, token }: Secrets, call: Call): Neo4jLink {
  const auth =
    token !== undefined
      ? neo4j.auth.bearer(token.reveal())
      : password !== undefined
        ? neo4j.auth.basic(address.user, password.reveal())
        : undefined;
  const driver = neo4j.driver(address.url, auth, {
    ...address.config,
    useBigInt: true,
    // Retries are core's; the driver's would go on for 30 s behind the caller's back.
    maxTransactionRetryTime: 0,
    disableAutoCommitRetries: true,
    connectionTimeout: Math.min(CONNECTION_MS, call.deadlineMs),
    connectionAcquisitionTimeout: ACQUISITION_MS,
    notificationFilter: { minimumSeverityLevel: 'OFF' },
    telemetryDisabled: true,
    userAgent: 'vdb',
  });
  return new Neo4jLink(driver, address.database);
}
