import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true });

/** One request over a kept connection; the answer's text. */
export function send(
  method: string,
  url: string,
  body?: string | Buffer,
  headers: Record<string, string> = {},
): Promise<string> {
  const data = typeof body === 'string' ? Buffer.from(body) : body;
  const given = data && { 'content-type': 'application/json', 'content-length': data.length };
  return new Promise((resolve, reject) => {
    request(url, { method, agent, headers: { ...headers, ...given } }, response => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        if (response.statusCode! < 300) resolve(text);
        else reject(new Error(`${method} ${url}: ${response.statusCode} ${text}`));
      });
    })
      .on('error', reject)
      .end(data);
  });
}

export function closeConnections(): void {
  agent.destroy();
}
