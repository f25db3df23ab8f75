/** The source tree as the architecture tests read it: files, their imports, their lines. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface Import { from: string; typeOnly: boolean }
export interface SourceFile { path: string; text: string; imports: Import[] }

function walk(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((e) => (e.isDirectory() ? (e.name === 'node_modules' ? [] : walk(join(folder, e.name))) : [join(folder, e.name)]));
}

/** Import specifiers, static and dynamic, with comments out of the way. */
function importsOf(text: string): Import[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const found: Import[] = [];
  for (const m of code.matchAll(/^\s*(import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm)) found.push({ from: m[3] as string, typeOnly: m[2] !== undefined });
  for (const m of code.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)) found.push({ from: m[1] as string, typeOnly: false });
  for (const m of code.matchAll(/\brequire\(\s*['"]([^'"]+)['"]\s*\)/g)) found.push({ from: m[1] as string, typeOnly: false });
  return found;
}

/** All TypeScript and script files below the given folders of the repository; paths with forward slashes from its root. */
export function sourceFiles(...folders: string[]): SourceFile[] {
  return folders.flatMap((f) => { try { return walk(join(ROOT, f)); } catch { return []; } }).filter((p) => /\.(ts|tsx|mjs)$/.test(p)).map((p) => {
    const text = readFileSync(p, 'utf8');
    return { path: relative(ROOT, p).replaceAll('\\', '/'), text, imports: importsOf(text) };
  });
}

/** The file that a relative import of `file` means, from the root; undefined for packages. */
export function resolveImport(file: string, from: string): string | undefined {
  if (!from.startsWith('.')) return undefined;
  return relative(ROOT, resolve(ROOT, dirname(file), from.replace(/\?.*$/, ''))).replaceAll('\\', '/');
}
