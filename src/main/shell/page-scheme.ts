/** The page's own scheme, anneal://app: files of the built renderer and nothing else, with the content policy on every answer. */
import { protocol, session } from 'electron';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { mimeType, NONCE_PLACEHOLDER, pageHeaders, requestParts } from '../../shared/page-policy.ts';

const SCHEME = 'anneal';
const HOST = 'app';
export const PAGE_ORIGIN = `${SCHEME}://${HOST}`;

/** Must run before Electron is ready. */
export function registerPageScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } }]);
}

/** The development server's address, only in an unpackaged app that electron-vite started. */
export const developmentUrl = (packaged: boolean): string | undefined => (packaged ? undefined : process.env['ELECTRON_RENDERER_URL']);

/** Whether a URL is a page of ours. Compares scheme and host, never a prefix; '' and anything unparsable is not ours. */
export function isOurPage(url: string, development: string | undefined): boolean {
  try {
    const given = new URL(url), own = new URL(development ?? PAGE_ORIGIN);
    return given.protocol === own.protocol && given.host === own.host;
  } catch { return false; }
}

async function answer(root: string, request: Request): Promise<Response> {
  const refuse = (status: number): Response => new Response(null, { status, headers: pageHeaders('none') });
  if (request.method !== 'GET') return refuse(405);
  const url = new URL(request.url), parts = url.host === HOST ? requestParts(url.pathname) : undefined;
  if (!parts) return refuse(404);
  const file = join(root, ...parts), inside = relative(root, file), type = mimeType(file);
  if (inside === '' || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside) || type === undefined) return refuse(404);
  let body: Buffer;
  try { body = await readFile(file); } catch { return refuse(404); }
  const nonce = randomBytes(16).toString('base64');
  const page = type.startsWith('text/html') ? body.toString('utf8').replaceAll(NONCE_PLACEHOLDER, nonce) : new Uint8Array(body);
  return new Response(page, { headers: { ...pageHeaders(nonce), 'Content-Type': type } });
}

export function servePageScheme(root: string): void {
  session.defaultSession.protocol.handle(SCHEME, (request) => answer(root, request));
}
