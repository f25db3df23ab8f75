/** Native capabilities for the page (shellContract). A path reaches the page only after the person picked it; revealing stays inside known folders. */
import { app, clipboard, dialog, nativeTheme, shell } from 'electron';
import type { BrowserWindow } from 'electron';
import { realpath, writeFile } from 'node:fs/promises';
import { basename, extname, isAbsolute, join, relative, sep } from 'node:path';
import { AnnealError } from '../../shared/errors.ts';
import type { Service } from '../../shared/rpc/define.ts';
import type { ShellContract } from '../../shared/shell-contract.ts';
import type { HostLink } from './host-link.ts';
import { BACKGROUND } from './window-state.ts';
import type { WindowState } from './window-state.ts';
import { WORDS } from './words.ts';

const EXTENSIONS = { gguf: ['gguf'], dataset: ['jsonl', 'json', 'csv', 'tsv', 'txt'], recipe: ['yaml', 'yml'] };

export interface ShellServiceOptions { window: BrowserWindow; host: HostLink; home: string; state: () => WindowState; save: (state: Partial<WindowState>) => void }

export function shellService({ window, host, home, state, save }: ShellServiceOptions): Service<ShellContract> {
  const picked = new Set<string>();
  const within = (root: string, path: string): boolean => {
    const r = relative(root, path);
    return r === '' || (r !== '..' && !r.startsWith(`..${sep}`) && !isAbsolute(r));
  };
  return {
    dialogs: {
      pick: async ({ want, title }) => {
        const words = WORDS[state().locale];
        const { canceled, filePaths } = await dialog.showOpenDialog(window, {
          title: title ?? words.pick[want],
          ...(want === 'model' || want === 'folder' ? { properties: ['openDirectory', ...(want === 'folder' ? ['createDirectory' as const] : [])] } : { properties: ['openFile'], filters: [{ name: words.files[want], extensions: EXTENSIONS[want] }, { name: '*', extensions: ['*'] }] }),
        });
        const path = canceled ? undefined : filePaths[0];
        if (path === undefined) return { path: null };
        const real = await realpath(path);
        picked.add(real);
        await host.allow(real);
        return { path };
      },
      save: async ({ name, text }) => {
        const ending = extname(name).slice(1), { canceled, filePath } = await dialog.showSaveDialog(window, { defaultPath: join(app.getPath('documents'), basename(name)), ...(ending === '' ? {} : { filters: [{ name: ending.toUpperCase(), extensions: [ending] }] }) });
        if (canceled || filePath === undefined || filePath === '') return { path: null };
        try { await writeFile(filePath, text); } catch (e) { throw new AnnealError('file-unreadable', `"${basename(filePath)}" cannot be written there; choose another folder.`, {}, { cause: e }); }
        picked.add(await realpath(filePath));
        return { path: filePath };
      },
    },
    files: {
      reveal: async ({ path }) => {
        let real: string;
        try { real = await realpath(path); } catch { throw new AnnealError('file-not-found', 'This file is no longer there.'); }
        const roots = [await realpath(home).catch(() => home), ...picked];
        if (!roots.some((root) => within(root, real))) throw new AnnealError('path-not-allowed', "Only files in Anneal's own folder, or ones that were picked, can be shown.");
        shell.showItemInFolder(real);
        return { ok: true };
      },
    },
    clipboard: { write: async ({ text }) => { await clipboard.writeText(text); return { ok: true }; } },
    appearance: {
      set: ({ theme, locale }) => {
        save({ theme, ...(locale === undefined ? {} : { locale }) });
        nativeTheme.themeSource = theme;
        window.setBackgroundColor(nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light);
        return { ok: true };
      },
    },
    host: {
      watch: async function* watch(_input, { signal }) {
        let wake: () => void = () => undefined;
        const off = host.supervisor.onState(() => { wake(); });
        signal.addEventListener('abort', () => { wake(); });
        try {
          while (!signal.aborted) {
            const s = host.supervisor.state, changed = new Promise<void>((r) => { wake = r; });
            yield { at: s.at, reason: 'reason' in s ? s.reason : null, until: s.at === 'backoff' ? s.until : null };
            await changed;
          }
        } finally { off(); }
      },
      restart: () => { host.supervisor.start(); return { ok: true }; },
    },
    versions: () => ({ electron: process.versions['electron'] ?? '', chrome: process.versions['chrome'] ?? '', node: process.versions.node, children: host.kind, packaged: app.isPackaged }),
  };
}
