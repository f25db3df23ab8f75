/** `serve` as a process of its own, from the build or from source, on a free port. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface ServeProcess { link: string; pid: number; output: () => string; stop(): Promise<void> }

const file = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

export async function startServe(home: string, from: 'build' | 'source' = 'build', env: Record<string, string> = {}): Promise<ServeProcess> {
  const child = spawn(process.execPath, [file(from === 'build' ? 'out/main/serve.cjs' : 'src/main/serve.ts'), '--home', home], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: { ...process.env, ...env } });
  let output = '';
  const ended = new Promise<number | null>((resolve) => { child.once('exit', resolve); });
  const link = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      const found = /^(http:\/\/127\.0\.0\.1:\d+\/#key=\S+)\n/m.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    });
    void ended.then((code) => { reject(new Error(`serve ended with code ${code}:\n${output}`)); });
  });
  return { link, pid: child.pid ?? 0, output: () => output, stop: async () => { child.kill('SIGTERM'); await ended; } };
}
