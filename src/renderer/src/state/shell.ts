/** What only the desktop can do (native dialogs, revealing files, the clipboard). In a browser `shell` is null and pages use their own ways. */
import { createLink } from '../../../shared/rpc/link.ts';
import { shellContract } from '../../../shared/shell-contract.ts';
import { connectShell, platform } from '../platform/connect.ts';

export const shell = platform === 'desktop' ? createLink(shellContract, connectShell).api : null;
