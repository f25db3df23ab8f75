/** Entry of the page. Order matters: policy and schemas first, then the look of last time, then the first paint, then data. */
import './platform/trusted-types.ts';
import './platform/zod-setup.ts';
import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import './ui/tokens.css';
import './ui/base.css';
import './ui/kit.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/app.tsx';
import { startI18n } from './i18n/index.ts';
import { startEntities } from './state/entities.ts';
import { followSettings, startLook } from './state/settings.ts';
import { shell } from './state/shell.ts';
import { startSystem } from './state/system.ts';
import { setClipboardWriter } from './ui/copy.tsx';

async function start(): Promise<void> {
  await startI18n(startLook());
  if (shell) { const { clipboard } = shell; setClipboardWriter(async (text) => { await clipboard.write({ text }); }); }
  startEntities();
  startSystem();
  followSettings();
  const root = document.getElementById('root');
  if (root) createRoot(root).render(<StrictMode><App /></StrictMode>);
}
void start();
