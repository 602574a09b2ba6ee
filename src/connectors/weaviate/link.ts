import type { GrpcLink } from './wire/grpc.ts';
import type { RestLink } from './wire/rest.ts';

/** Both interfaces of one server. */
export interface Link {
  rest: RestLink;
  grpc: GrpcLink;
  /** `1.38.11` */
  version: string;
}
