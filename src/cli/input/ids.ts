import { openInput } from './inputFile.ts';
import { lines } from './lines.ts';

/** Ids, one a line, from a file or stdin (`-`). */
export async function idsFrom(path: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const found of lines(await openInput(path))) for (const { text } of found) ids.push(text);
  return ids;
}
