import { VdbError } from '../../../model/errors.ts';

/**
 * A host as Pinecone gives it (`docs-abc123.svc.aped-4627-b74a.pinecone.io`) or a URL, as the base of requests. Without
 * encryption only to this machine, because every request carries the key.
 */
export function baseUrl(host: string): string {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(host) ? host : `https://${host}`;
  if (!URL.canParse(text)) throw refused(`'${host}' is not an address`);
  const url = new URL(text);
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw refused(`'${url.host}' is reached without encryption, which would show the API key`);
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refused(`'${host}' is neither https nor http`);
  if (url.username !== '' || url.password !== '') throw refused('an address of Pinecone holds no user or password');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function refused(message: string): VdbError {
  return new VdbError('usage', message, { outcome: 'not_applied', hint: 'Give an https:// address.' });
}
