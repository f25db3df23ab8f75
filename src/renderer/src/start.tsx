/** Starts the window: the look of last time, the first paint, then data. */
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { startI18n } from './i18n/index.ts';
import { styleNonce } from './platform/style-nonce.ts';
import { startEntities } from './state/entities.ts';
import { followSettings, startLook } from './state/settings.ts';
import { shell } from './state/shell.ts';
import { startSystem } from './state/system.ts';
import { setClipboardWriter } from './ui/copy.tsx';

export async function start(): Promise<void> {
  await startI18n(startLook());
  if (shell) { const { clipboard } = shell; setClipboardWriter(async (text) => { await clipboard.write({ text }); }); }
  // The scroll lock of dialogs writes a style element of its own; this is where it looks for the nonce.
  Object.assign(globalThis, { __webpack_nonce__: styleNonce() });
  startEntities();
  startSystem();
  followSettings();
  const root = document.getElementById('root');
  if (root) createRoot(root).render(<StrictMode><App /></StrictMode>);
}
