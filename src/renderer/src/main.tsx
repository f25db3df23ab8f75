/** Entry of the page. Policy and schema settings run first; the rest is loaded after them, because a bundler may reorder modules of one load. */
import './platform/trusted-types.ts';
import './platform/zod-setup.ts';
import '@fontsource-variable/inter/index.css';
import '@fontsource-variable/jetbrains-mono/index.css';
import './ui/tokens.css';
import './ui/base.css';
import './ui/kit.css';

void import('./start.tsx').then(({ start }) => start());
