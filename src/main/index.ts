/** Desktop entry. */
import { startDesktop } from './shell/desktop.ts';
import { homeFolder } from './store/home.ts';
import { mainFolder } from './supervise/child-entry.ts';

startDesktop({ mainFolder: mainFolder(), home: homeFolder(undefined) });
