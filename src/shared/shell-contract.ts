/** What only the desktop shell can do for the page: native dialogs, revealing files, copying, the colour before the first paint. Absent in the browser; pages must work without it. */
import { z } from 'zod';
import { call, stream } from './rpc/define.ts';
import type { Contract } from './rpc/define.ts';

const none = z.strictObject({});
const done = z.object({ ok: z.literal(true) });

export const shellContract = {
  dialogs: {
    /** The system's own picker. Gives the path that the person picked, or null when they changed their mind. */
    pick: call({ input: z.strictObject({ want: z.enum(['model', 'gguf', 'dataset', 'recipe', 'folder']), title: z.string().max(120).optional() }), output: z.object({ path: z.string().nullable() }) }),
    /** Asks where to keep a text and writes it there. Null when the person changed their mind. */
    save: call({ input: z.strictObject({ name: z.string().min(1).max(200), text: z.string().max(2_000_000) }), output: z.object({ path: z.string().nullable() }) }),
  },
  files: {
    /** Shows a file in the system's file manager. Only inside Anneal's own folder or what was picked in this session. */
    reveal: call({ input: z.strictObject({ path: z.string().min(1).max(4096) }), output: done }),
  },
  clipboard: { write: call({ input: z.strictObject({ text: z.string().max(2_000_000) }), output: done }) },
  /** Theme and language as chosen in the settings: the next start paints its background before the page has loaded, and dialogs speak the language. */
  appearance: { set: call({ input: z.strictObject({ theme: z.enum(['light', 'dark', 'system']), locale: z.enum(['en', 'zh-CN']).optional() }), output: done }) },
  host: {
    /** How the host process is. `failed` means that it was started again too often: offer `restart`. */
    watch: stream({ input: none, item: z.object({ at: z.enum(['idle', 'starting', 'ready', 'running', 'draining', 'exited', 'backoff', 'failed']), reason: z.string().nullable(), until: z.number().nullable() }), policy: 'latest' }),
    restart: call({ input: none, output: done }),
  },
  versions: call({ input: none, output: z.object({ electron: z.string(), chrome: z.string(), node: z.string(), children: z.enum(['node', 'utility']), packaged: z.boolean() }) }),
} satisfies Contract;
export type ShellContract = typeof shellContract;
