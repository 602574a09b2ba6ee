/**
 * Named points of architecture §10 where tests kill the process. In builds for users `FAILPOINTS` is replaced by false
 * and calls fall away; in test builds `VDB_FAILPOINT=name:n:kill` (or `:throw`) acts at the n-th pass (from 1).
 */
export function failpoint(_name: string): void {}
