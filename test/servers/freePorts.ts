import { createServer, type Server } from 'node:net';

/** Below the range from which systems take ports for outgoing connections, so that none is taken between check and use. */
const FIRST = 20_000;
const LAST = 32_000;

/** The first of `count` consecutive TCP ports on 127.0.0.1 that were all free a moment ago. */
export async function freePorts(count: number, random: () => number = Math.random): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const first = FIRST + Math.floor(random() * (LAST - FIRST - count));
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
  throw new Error(`no ${count} consecutive free ports between ${FIRST} and ${LAST}`);
}

/** Whether nobody listens on the port of 127.0.0.1. */
export function isFree(port: number): Promise<boolean> {
  const server: Server = createServer();
  return new Promise(resolve => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
