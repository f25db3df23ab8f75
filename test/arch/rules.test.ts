/** Habits that a machine can check: file sizes, forbidden flags, error codes in use, strict inputs, erasable TypeScript. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { contract } from '../../src/shared/contract.ts';
import { ERROR_CODES } from '../../src/shared/errors.ts';
import { brokerContract, hostControlContract } from '../../src/shared/process-contract.ts';
import { contractHash, definitions } from '../../src/shared/rpc/define.ts';
import type { Contract } from '../../src/shared/rpc/define.ts';
import { shellContract } from '../../src/shared/shell-contract.ts';
import { ROOT, sourceFiles } from './source.ts';

const LONGEST = 400;
/** Files that may be longer, each with its reason. */
const LONG: Record<string, string> = {};

const code = (text: string): string => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
const files = sourceFiles('src', 'test', 'scripts', 'bench');
const shipped = sourceFiles('src');

test(`no file is longer than ${LONGEST} lines`, () => {
  const long = files.filter((f) => f.text.split('\n').length > LONGEST && LONG[f.path] === undefined);
  expect(long.map((f) => `${f.path}: ${f.text.split('\n').length}`)).toEqual([]);
  for (const path of Object.keys(LONG)) expect(existsSync(join(ROOT, path)), `${path} is listed as long but does not exist`).toBe(true);
});

test('nothing weakens the window, runs strings as code, or fetches on its own', () => {
  const forbidden: [RegExp, RegExp?][] = [
    [/nodeIntegration(InWorker|InSubFrames)?:\s*true/], [/contextIsolation:\s*false/], [/sandbox:\s*false/], [/webSecurity:\s*false/], [/allowRunningInsecureContent:\s*true/], [/experimentalFeatures:\s*true/], [/webviewTag:\s*true/],
    [/@electron\/remote/], [/\.loadFile\(/], [/file:\/\//], [/\bopenExternal\(/], [/\bopenPath\(/], [/executeJavaScript\(/], [/contextBridge/], [/ipcRenderer(?!\.(send\('anneal:connect'|on\('anneal:connect'))\./], [/ipcMain\.(?!on\(CHANNEL)/],
    [/dangerouslySetInnerHTML/], [/\.innerHTML\s*=/], [/insertAdjacentHTML/], [/\bnew Function\(/], [/(?:[=(,;:?&|!]|return)[ \t]*eval\(/], [/dangerouslyDisableDefault/], [/setCertificateVerifyProc/], [/rejectUnauthorized:\s*false/],
    [/\bas any\b/], [/@ts-(ignore|nocheck)/],
  ];
  const found = shipped.flatMap((f) => forbidden.filter(([bad]) => bad.test(code(f.text))).map(([bad]) => `${f.path}: ${bad.source}`));
  expect(found).toEqual([]);
  // The window's flags are written out, not left to defaults.
  const window = readFileSync(join(ROOT, 'src/main/shell/main-window.ts'), 'utf8');
  for (const flag of ['sandbox: true', 'contextIsolation: true', 'nodeIntegration: false', 'webSecurity: true', 'webviewTag: false']) expect(window).toContain(flag);
});

/** The one place that may name an address: the hub that a person's download asks. */
const HUB_ADDRESS = 'src/main/host/hub/address.ts';

test('no shipped file names an address on the network, but for the hub of downloads', () => {
  const found = shipped.filter((f) => f.path !== HUB_ADDRESS).flatMap((f) => [...code(f.text).matchAll(/['"`](?:https?|wss?):\/\/(?!127\.0\.0\.1|localhost|page['"`]|www\.w3\.org|\$\{)[^'"`]*/g)].map((m) => `${f.path}: ${m[0]}`));
  expect(found).toEqual([]);
  const hub = shipped.find((f) => f.path === HUB_ADDRESS);
  expect([...(hub?.text ?? '').matchAll(/https?:\/\/[a-z0-9.]+/g)].map((m) => m[0])).toEqual(['https://huggingface.co']);
});

test('every error code is used', () => {
  const users = shipped.filter((f) => f.path !== 'src/shared/errors.ts');
  const unused = ERROR_CODES.filter((c) => !users.some((f) => f.text.includes(`'${c}'`)));
  expect(unused).toEqual([]);
});

test('what Node runs from source is erasable TypeScript with full import names', () => {
  const run = files.filter((f) => !f.path.startsWith('src/renderer/') && f.path.endsWith('.ts'));
  const wrong = run.filter((f) => /^\s*(export\s+)?(declare\s+)?(const\s+)?(enum|namespace)\s+\w+/m.test(code(f.text)) || /constructor\((?:[^)]*,)?\s*(private|public|protected|readonly)\s/.test(code(f.text)));
  expect(wrong.map((f) => f.path)).toEqual([]);
  const short = run.flatMap((f) => f.imports.filter((i) => i.from.startsWith('.') && !/\.(ts|tsx|mjs|json|css)$/.test(i.from)).map((i) => `${f.path} -> ${i.from}`));
  expect(short).toEqual([]);
});

/** Objects inside an input schema that would drop unknown keys without a word. */
function looseObjects(schema: z.core.$ZodType, path: string, seen = new Set<unknown>()): string[] {
  if (seen.has(schema)) return [];
  seen.add(schema);
  const def = schema._zod.def as unknown as Record<string, unknown>;
  const loose = def['type'] === 'object' && def['catchall'] === undefined ? [path] : [];
  const children = Object.entries(def).flatMap(([key, value]): [string, unknown][] => (key === 'shape' ? Object.entries(value as object) : Array.isArray(value) ? value.map((v, i): [string, unknown] => [`${key}[${i}]`, v]) : [[key, value]]));
  return [...loose, ...children.flatMap(([key, value]) => (typeof value === 'object' && value !== null && '_zod' in value ? looseObjects(value as z.core.$ZodType, `${path}.${key}`, seen) : []))];
}

test.each([['app', contract as Contract], ['shell', shellContract], ['control', hostControlContract], ['broker', brokerContract]])('the %s contract: inputs are strict all the way down, and it has a stable hash', (_name, tree: Contract) => {
  expect(definitions(tree).flatMap(([name, def]) => looseObjects(def.input, name))).toEqual([]);
  expect(contractHash(tree)).toBe(contractHash({ ...tree }));
  expect(contractHash(tree)).toMatch(/^[0-9a-f]{16}$/);
});

test('docs/how-to pages name files that exist', () => {
  const pages = sourceFilesIn('docs/how-to');
  expect(pages.length).toBeGreaterThan(0);
  const missing = pages.flatMap(({ path, text }) => [...text.matchAll(/`((?:src|test|scripts|docs|bench|resources)\/[^`\s<>*{}]+)`/g)].map((m) => (m[1] as string).replace(/\/$/, '')).filter((p) => !existsSync(join(ROOT, p))).map((p) => `${path}: ${p}`));
  expect(missing).toEqual([]);
});

function sourceFilesIn(folder: string): { path: string; text: string }[] {
  const root = join(ROOT, folder);
  if (!existsSync(root)) return [];
  return readdirSync(root).filter((n) => n.endsWith('.md')).map((n) => ({ path: `${folder}/${n}`, text: readFileSync(join(root, n), 'utf8') }));
}
