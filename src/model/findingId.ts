/** `vector.NAME.KIND`, `field.NAME.float_precision`, and those that need no name. */
const FINDING_ID =
  /^(vector\..+\.[a-z_]+|field\..*\.float_precision|limit\.(id|metadata|record)|id\.encoded|partition\.dropped|target\.(not_empty|replaced|preexisting))$/s;

/** Whether a plan can have a finding of this id. */
export function isFindingId(text: string): boolean {
  return FINDING_ID.test(text);
}
