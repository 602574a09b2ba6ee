/** What becomes of a target that exists. `default`: created if absent, `exists` if not empty. */
export type TargetMode = 'default' | 'create' | 'append' | 'replace';
export type VerifyLevel = 'none' | 'count' | 'full' | `sample:${number}`;

export type Verdict = 'lossless' | 'lossless_encoded' | 'lossy';

export interface PlanEnd {
  ref: string;
  connection: string;
  collection: string;
  partition: string;
  provider: string;
  serverVersion: string;
  endpoint: string;
  /** Source: records now. Target: records there already, null when it does not exist. */
  count: number | null;
  bytes: number | null;
}

export interface Finding {
  id: string;
  kind: string;
  field: string | null;
  count: number;
  /** Up to three record ids. */
  examples: string[];
  action: string;
  loss: boolean;
}

export interface Plan {
  version: 1;
  source: PlanEnd;
  target: PlanEnd;
  where: string | null;
  mode: TargetMode;
  overwrite: boolean;
  mapping: {
    /** How ids are carried, and the kinds seen. */
    ids: { kinds: Record<string, number>; encoding: string };
    vectors: {
      name: string;
      /** Null when the target cannot hold it. */
      targetName: string | null;
      kind: string;
      dimension: number | null;
      element: string;
      metric: string | null;
      targetMetric: string | null;
      scoreChanges: boolean;
    }[];
    fields: { name: string; types: Record<string, number>; action: string }[];
    rename: Record<string, string>;
    /** Index options taken over, and those that have no counterpart. */
    index: { carried: string[]; dropped: string[] };
  };
  ranges: number;
  findings: Finding[];
  verdict: Verdict;
  estimateMs: number | null;
}

/** What a migration did; `read` = written + filtered + deadLettered + preexisting, to the unit. */
export interface MigrationResult {
  job: string;
  source: string;
  target: string;
  read: number;
  written: number;
  filtered: number;
  deadLettered: number;
  preexisting: number;
  bytes: number;
  elapsedMs: number;
  recordsPerSecond: number;
  verdict: Verdict;
  sourceChanged: 'yes' | 'no' | 'unknown';
  verification: Verification | null;
  /** The dead letters' file, when there are any. */
  deadLetters?: string;
}

export interface VerifiedEnd {
  ref: string;
  count: number;
  /** `vdb1:<count>:<content>:<vectors>`; null at levels that do not read everything. */
  fingerprint: string | null;
}

export interface Difference {
  id: string;
  kind: 'different' | 'only_in_source' | 'only_in_target';
  /** What differs: `metadata.price`, `document`, `vector`, `vectors.title`. */
  paths: string[];
}

export interface Verification {
  equal: boolean;
  level: string;
  /** The declared rule under which vectors were compared, null for bit by bit. */
  rule: string | null;
  /** The target does not show all writes yet. */
  pending: boolean;
  source: VerifiedEnd;
  target: VerifiedEnd;
  equalRecords: number;
  different: number;
  onlyInSource: number;
  onlyInTarget: number;
  differences: Difference[];
  differencesTruncated: boolean;
  elapsedMs: number;
}
