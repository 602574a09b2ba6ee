import type { TargetParams } from './shared.ts';

export interface PartitionMethods {
  'partition.list': { params: { target: TargetParams }; result: Partition[] };
  'partition.create': { params: { target: TargetParams; dryRun: boolean }; result: PartitionCreate };
  'partition.drop': { params: { target: TargetParams; dryRun: boolean }; result: PartitionDrop };
}

export interface Partition {
  name: string;
  count: number | null;
}

export interface PartitionCreate {
  name: string;
  created: boolean;
  connection: string;
  collection: string;
}

/** With `dryRun`, `dropped` is false and `count`, `endpoint` say what a confirmation should name. */
export interface PartitionDrop {
  name: string;
  dropped: boolean;
  connection: string;
  collection: string;
  endpoint: string;
  count: number | null;
}
