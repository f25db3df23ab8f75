/** How the page is served, the same in the desktop window and over HTTP: content policy, headers, file types, which request paths are files. Pure; reading files is the server's part. */

/** Stands in index.html where each response puts its own nonce. */
export const NONCE_PLACEHOLDER = '__ANNEAL_NONCE__';

/** Nothing but our own files; styles also by nonce (the component kit writes style elements); no inline script, no eval, no HTML from strings outside of the one policy. */
export function contentPolicy(nonce: string, connect: string[] = []): string {
  return [
    "default-src 'none'", "script-src 'self'", `style-src 'self' 'nonce-${nonce}'`, "img-src 'self' data: blob:", "font-src 'self'", `connect-src ${["'self'", ...connect].join(' ')}`, "worker-src 'self'",
    "object-src 'none'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'", "trusted-types default",
  ].join('; ');
}

export function pageHeaders(nonce: string, connect: string[] = []): Record<string, string> {
  return {
    'Content-Security-Policy': contentPolicy(nonce, connect), 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer', 'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp', 'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=()', 'Cache-Control': 'no-store',
  };
}

const MIME: Record<string, string> = {
  html: 'text/html; charset=utf-8', js: 'text/javascript; charset=utf-8', css: 'text/css; charset=utf-8', json: 'application/json; charset=utf-8', svg: 'image/svg+xml', png: 'image/png', woff2: 'font/woff2', woff: 'font/woff', ico: 'image/x-icon',
};
/** The type of a file we serve; undefined means that it is not served. */
export function mimeType(file: string): string | undefined {
  const extension = /\.([a-z0-9]+)$/.exec(file)?.[1];
  return extension !== undefined && Object.hasOwn(MIME, extension) ? MIME[extension] : undefined;
}

/**
 * The parts of a request path below the served folder, or undefined when it is no plain path. A path without an extension is a page of the app
 * and gives index.html; pages keep their place in the path, so a reload works.
 */
export function requestParts(pathname: string): string[] | undefined {
  let decoded: string;
  try { decoded = decodeURIComponent(pathname); } catch { return undefined; }
  const parts = decoded.split('/').filter((p) => p !== '');
  if (parts.some((p) => p === '.' || p === '..' || /[\\:\0]/.test(p) || p.startsWith('.'))) return undefined;
  return parts.length === 0 || !(parts.at(-1) as string).includes('.') ? ['index.html'] : parts;
}
