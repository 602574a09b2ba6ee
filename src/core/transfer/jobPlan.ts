import type { Plan, VerifyLevel } from '../../model/transfer.ts';
import type { JsonValue } from '../connector.ts';
import type { EndIdentity } from './end.ts';
import type { Mapping } from './mapping.ts';

/** `plan.json` of a job: written once, before anything is changed, and never again. Holds no batch sizes: those adapt. */
export interface JobPlan {
  version: 1;
  id: string;
  kind: 'migrate';
  createdAt: string;
  source: EndIdentity;
  target: EndIdentity;
  /** REFs as the user wrote them. */
  sourceRef: string;
  targetRef: string;
  where: string | null;
  mapping: Mapping;
  /** Each walked on its own; `[null]` is the whole collection. */
  ranges: JsonValue[];
  /** The name under which the source may hold its state for this job. */
  pin: string;
  maxErrors: number;
  verify: VerifyLevel | null;
  /** Findings whose loss was accepted. */
  acceptLoss: string[];
  plan: Plan;
}
