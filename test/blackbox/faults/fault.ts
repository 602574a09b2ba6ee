import type { Options } from 'execa';
import type { ErrorCode, ErrorReason, Outcome } from '../../../src/model/errors.ts';

/** How a command tells of a fault, as docs/errors.md has it. */
export interface Told {
  exit: number;
  code: ErrorCode;
  reason?: ErrorReason;
  retryable: boolean;
  outcome: Outcome;
}

const told = (exit: number, code: ErrorCode, reason: ErrorReason | undefined, retryable: boolean): Told => ({
  exit,
  code,
  ...(reason && { reason }),
  retryable,
  outcome: 'not_applied',
});

/** Every fault, and what a command says of it; of one that is none, that it works. */
export const FAULTS = {
  'wrong secret': told(77, 'denied', 'auth', false),
  'no secret': told(77, 'denied', 'auth', false),
  forbidden: told(77, 'denied', 'forbidden', false),
  'closed port': told(69, 'unreachable', 'refused', true),
  'unknown host': told(69, 'unreachable', 'dns', true),
  'untrusted certificate': told(69, 'unreachable', 'tls_untrusted', true),
  'certificate for another name': told(69, 'unreachable', 'tls_name', true),
  'authority given': 'works',
  'client certificate missing': told(77, 'denied', 'auth', false),
  'client certificate given': 'works',
  'mute server': told(124, 'timeout', undefined, true),
  'mute server during a write': { ...told(124, 'timeout', undefined, false), outcome: 'unknown' },
  redirect: told(76, 'protocol', 'redirect', false),
  'rate limit': told(75, 'busy', 'rate_limited', true),
  'failing server': told(69, 'unreachable', undefined, true),
  'overloaded server': told(75, 'busy', undefined, true),
  'request too large': told(65, 'invalid', 'too_large', false),
  'query of another dimension': told(65, 'invalid', 'dimension_mismatch', false),
  'record of another dimension': told(65, 'invalid', 'dimension_mismatch', false),
  'directory missing': 'works',
  'file instead of a directory': told(78, 'config', undefined, false),
  'unreadable directory': told(77, 'denied', 'forbidden', false),
} as const satisfies Record<string, Told | 'works'>;

export type Fault = keyof typeof FAULTS;

export const SECRET_FAULTS = ['wrong secret', 'no secret', 'forbidden'] as const;
export const TLS_FAULTS = [
  'untrusted certificate',
  'certificate for another name',
  'authority given',
  'client certificate missing',
  'client certificate given',
] as const;
export const NETWORK_FAULTS = ['closed port', 'unknown host', ...TLS_FAULTS, 'mute server'] as const;
export const WRITE_FAULTS = ['mute server during a write'] as const;
export const DIMENSION_FAULTS = ['query of another dimension', 'record of another dimension'] as const;
export const HTTP_FAULTS = ['redirect', 'failing server', 'overloaded server', 'request too large'] as const;
export const DIRECTORY_FAULTS = ['directory missing', 'file instead of a directory', 'unreadable directory'] as const;

/** A provider in a fault. */
export interface Attempt {
  /** Flags of the profile. */
  flags: string[];
  /** Name and value of the profile's secret. */
  secret?: readonly [string, string];
  /** The command that meets the fault, for the profile's name; by default it is pinged. */
  command?(name: string): string[];
  input?: string;
  /** The profile is there: what must happen before the command. */
  before?(name: string): Promise<void>;
  /** What the other side saw of one command. */
  after?(): void;
  /** Ends the fault; the same connection must then answer. */
  heal?(): void;
  /** Where this provider tells another thing than others do. */
  told?: Partial<Told>;
  /** Of the command's process. */
  as?: Options;
}

/** How to bring a provider into a fault, or why there is no such thing. */
export type Case = string | (() => Promise<Attempt | string>);

export function none<F extends Fault>(faults: readonly F[], reason: string): Record<F, string> {
  return Object.fromEntries(faults.map(fault => [fault, reason])) as Record<F, string>;
}
