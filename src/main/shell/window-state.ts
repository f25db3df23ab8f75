/** What the window remembers between starts: place, size, theme, language. A broken or missing file means the defaults. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const windowState = z.object({
  bounds: z.object({ x: z.number().int(), y: z.number().int(), width: z.number().int().min(400), height: z.number().int().min(300) }).nullable().catch(null),
  maximized: z.boolean().catch(false),
  theme: z.enum(['light', 'dark', 'system']).catch('system'),
  locale: z.enum(['en', 'zh-CN']).catch('en'),
});
export type WindowState = z.infer<typeof windowState>;
type Rectangle = NonNullable<WindowState['bounds']>;

export const DEFAULT_SIZE = { width: 1320, height: 860 };
/** The page's background in each theme, painted before the page has loaded. */
export const BACKGROUND = { dark: '#0e1013', light: '#f5f6f8' };

export function readWindowState(file: string): WindowState {
  let stored: unknown = {};
  try { stored = JSON.parse(readFileSync(file, 'utf8')); } catch { /* first start, or broken: defaults */ }
  const result = windowState.safeParse(stored);
  return result.success ? result.data : { bounds: null, maximized: false, theme: 'system', locale: 'en' };
}

export function writeWindowState(file: string, state: WindowState): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(state));
  renameSync(`${file}.new`, file);
}

/** Remembered bounds, if enough of them is still on some screen to grab the window. */
export function visibleBounds(bounds: WindowState['bounds'], screens: readonly Rectangle[]): Rectangle | undefined {
  if (!bounds) return undefined;
  const overlap = (a: number, aSize: number, b: number, bSize: number): number => Math.min(a + aSize, b + bSize) - Math.max(a, b);
  return screens.some((s) => overlap(bounds.x, bounds.width, s.x, s.width) >= 100 && overlap(bounds.y, bounds.height, s.y, s.height) >= 60 && bounds.y >= s.y - 10) ? bounds : undefined;
}
