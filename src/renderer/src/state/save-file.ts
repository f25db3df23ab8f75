/** Keeps a text as a file where the person wants it: the system's own dialog on the desktop, a download in a browser. False when they changed their mind. */
import { shell } from './shell.ts';

export async function saveFile(name: string, text: string, type: string): Promise<boolean> {
  if (shell) return (await shell.dialogs.save({ name, text })).path !== null;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
  return true;
}
