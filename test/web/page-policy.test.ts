import fc from 'fast-check';
import { posix } from 'node:path';
import { expect, test } from 'vitest';
import { contentPolicy, mimeType, requestParts } from '../../src/shared/page-policy.ts';

test('no request path leads out of the served folder', () => {
  const piece = fc.oneof(fc.constantFrom('..', '.', '', '%2e%2e', '%2E.', '..%2f', '%5c..', '..\\', 'a', 'b.js', '%00', 'c:', '.git', '~'), fc.string({ maxLength: 6 }));
  fc.assert(fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
    const parts = requestParts(`/${pieces.join('/')}`);
    if (!parts) return;
    const inside = posix.relative('/root', posix.join('/root', ...parts));
    expect(inside.startsWith('..') || inside === '' || posix.isAbsolute(inside)).toBe(false);
    expect(parts.join('/')).not.toMatch(/[\\\0]|(^|\/)\./);
  }), { numRuns: 2000 });
});

test('pages of the app give the one page, files give themselves, other types nothing', () => {
  expect(requestParts('/')).toEqual(['index.html']);
  expect(requestParts('/runs/abc')).toEqual(['index.html']);
  expect(requestParts('/assets/index-1.js')).toEqual(['assets', 'index-1.js']);
  expect(mimeType('a.woff2')).toBe('font/woff2');
  for (const file of ['a.cjs', 'a.map', 'a', 'a.constructor', 'a.JS']) expect(mimeType(file)).toBeUndefined();
});

test('the policy allows our own files and one nonce, and nothing inline or evaluated', () => {
  const policy = contentPolicy('abc', ['ws://127.0.0.1:1']);
  expect(policy).toContain("style-src 'self' 'nonce-abc'");
  expect(policy).toContain("connect-src 'self' ws://127.0.0.1:1");
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
});
