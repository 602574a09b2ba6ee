import type { CollectionInfo, CollectionSpec } from '../../model/collection.ts';
import type { TargetParams } from './shared.ts';

export interface CollectionMethods {
  'collection.list': { params: { target: TargetParams }; result: CollectionInfo[] };
  'collection.create': {
    params: { target: TargetParams; spec: CollectionSpec; dryRun: boolean };
    result: CollectionInfo;
  };
  'collection.describe': { params: { target: TargetParams }; result: CollectionInfo };
  'collection.drop': { params: { target: TargetParams; dryRun: boolean }; result: CollectionDrop };
}

/** With `dryRun`, `dropped` is false and `count`, `endpoint` say what a confirmation should name. */
export interface CollectionDrop {
  name: string;
  dropped: boolean;
  connection: string;
  endpoint: string;
  count: number | null;
}
