import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { VdbError } from '../../model/errors.ts';

/** The bytes of a file, or of stdin for `-`. Throws `not_found`, `denied` or `io` before the first byte where it can. */
export async function openInput(path: string): Promise<AsyncIterable<Buffer>> {
  if (path === '-') return named('stdin', process.stdin);
  try {
    const file = await open(path, 'r');
    if ((await file.stat()).isDirectory()) {
      await file.close();
      throw new VdbError('usage', `${path} is a directory`);
    }
    return named(path, createReadStream(path, { fd: file, highWaterMark: 1024 * 1024 }));
  } catch (error) {
    throw error instanceof VdbError ? error : unreadable(path, error as NodeJS.ErrnoException);
  }
}

/** All of a small file, or of stdin for `-`, as text. Throws `invalid` beyond `limitBytes` or when it is not UTF-8. */
export async function readText(path: string, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of await openInput(path)) {
    bytes += chunk.length;
    if (bytes > limitBytes)
      throw new VdbError('invalid', `${path} is larger than ${limitBytes} bytes`, { reason: 'too_large' });
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new VdbError('invalid', `${path} is not UTF-8`, { reason: 'syntax' });
  }
}

async function* named(name: string, stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* stream;
  } catch (error) {
    throw error instanceof VdbError ? error : unreadable(name, error as NodeJS.ErrnoException);
  }
}

function unreadable(name: string, error: NodeJS.ErrnoException): VdbError {
  const code =
    error.code === 'ENOENT' || error.code === 'ENOTDIR' ? 'not_found' : error.code === 'EACCES' ? 'denied' : 'io';
  return new VdbError(code, `${name} cannot be read`, {
    cause: error.code ?? error.message,
    outcome: 'not_applied',
    ...(code === 'not_found' && { hint: "Check the path; '-' reads stdin." }),
  });
}
