declare const VDB_VERSION: string | undefined;

/** The package's version; the build puts it in. */
export const VERSION: string = typeof VDB_VERSION === 'string' ? VDB_VERSION : '0.0.0-dev';

/** Order of two versions: negative when `a` is older. A pre-release comes before its release. */
export function compareVersions(a: string, b: string): number {
  const [aNumbers, aTag] = split(a);
  const [bNumbers, bTag] = split(b);
  for (let i = 0; i < 3; i++) {
    const difference = (aNumbers[i] ?? 0) - (bNumbers[i] ?? 0);
    if (difference) return difference;
  }
  if (aTag === bTag) return 0;
  if (!aTag || !bTag) return aTag ? -1 : 1;
  return aTag < bTag ? -1 : 1;
}

function split(version: string): [number[], string] {
  const [release = '', ...tag] = version.split('+')[0]!.split('-');
  return [release.split('.').map(Number), tag.join('-')];
}
