/**
 * Fetches the CUDA provider's files, only when a person asks: by onnxruntime-node's own install script, which knows the version, the address (NuGet) and the files. The script gives no
 * checksums; what arrived is written down with its SHA-256. Linux on x64 only. Used by scripts/gpu-cuda.mjs and by the host.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, createReadStream, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { AnnealError } from '../../shared/errors.ts';
import { formatBytes } from '../../shared/units.ts';

export const CUDA_FILES = ['libonnxruntime_providers_cuda.so', 'libonnxruntime_providers_shared.so', 'libonnxruntime_providers_tensorrt.so'] as const;
/** Room for the archive and its unpacked libraries. The archive's size is known only when it arrives; this is a generous bound. */
const ROOM = { temporary: 2e9, binding: 1.5e9 };

export interface CudaPlace { package: string; folder: string; version: string; installed: boolean }

export function cudaPlace(from = process.cwd()): CudaPlace {
  let root: string;
  try { root = dirname(createRequire(join(from, 'package.json')).resolve('onnxruntime-node/package.json')); } catch (cause) { throw new AnnealError('file-not-found', 'onnxruntime-node is not installed here; run npm ci first.', {}, { cause }); }
  const folder = join(root, 'bin/napi-v6', process.platform, process.arch);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return { package: root, folder, version, installed: existsSync(join(folder, CUDA_FILES[0])) };
}

/** Why the files cannot be fetched here; null where they can. */
export async function cudaObstacle(place: CudaPlace, system = { platform: process.platform as string, arch: process.arch as string }): Promise<string | null> {
  if (system.platform !== 'linux' || system.arch !== 'x64') return `The CUDA provider exists for Linux on x64 only; this is ${system.platform} on ${system.arch}.`;
  if (process.env['ANNEAL_OFFLINE'] === 'refuse') return 'Network connections are refused here (ANNEAL_OFFLINE=refuse).';
  try { accessSync(place.folder, constants.W_OK); } catch { return `The folder of onnxruntime-node cannot be written to (${place.folder}); run the command as the user who installed it.`; }
  for (const [folder, need] of [[tmpdir(), ROOM.temporary], [place.folder, ROOM.binding]] as const) {
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < need) return `Only ${formatBytes(bavail * bsize)} are free in ${folder}, and up to ${formatBytes(need)} are needed; free some space.`;
  }
  return null;
}

export interface FetchedFile { name: string; bytes: number; sha256: string }

/** Lines of the install script go to `say`. Throws `unavailable` with the reason, and leaves nothing half done. */
export async function fetchCuda(place: CudaPlace, say: (line: string) => void, signal?: AbortSignal): Promise<FetchedFile[]> {
  const obstacle = await cudaObstacle(place);
  if (obstacle !== null) throw new AnnealError('unavailable', obstacle);
  const before = new Set(CUDA_FILES.filter((f) => existsSync(join(place.folder, f))));
  const { code, last } = await runInstall(place, say, signal);
  const missing = CUDA_FILES.filter((f) => !existsSync(join(place.folder, f)));
  if (code !== 0 || missing.length > 0) {
    for (const f of CUDA_FILES) if (!before.has(f)) rmSync(join(place.folder, f), { force: true });
    if (signal?.aborted === true) throw new AnnealError('cancelled', 'Fetching the CUDA files was cancelled; nothing was changed.');
    throw new AnnealError('unavailable', `The CUDA files of onnxruntime-node ${place.version} could not be fetched (${last || `the install script ended with status ${code ?? 'unknown'}`}); nothing was changed. Is this computer online, and can it reach api.nuget.org?`);
  }
  const files: FetchedFile[] = [];
  for (const name of CUDA_FILES) files.push({ name, bytes: statSync(join(place.folder, name)).size, sha256: await sha256(join(place.folder, name)) });
  writeFileSync(join(place.folder, 'cuda-files.json'), `${JSON.stringify({ onnxruntime: place.version, files }, null, 2)}\n`);
  return files;
}

function runInstall(place: CudaPlace, say: (line: string) => void, signal?: AbortSignal): Promise<{ code: number | null; last: string }> {
  return new Promise((resolve, reject) => {
    // npm's own variables would make the script believe that it installs itself, and leave.
    const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^npm_|^ONNXRUNTIME_NODE_INSTALL/.test(key)));
    const child = spawn(process.execPath, [join(place.package, 'script/install.js'), '--onnxruntime-node-install=cuda12'], { cwd: place.package, env: { ...env, ELECTRON_RUN_AS_NODE: '1' }, stdio: ['ignore', 'pipe', 'pipe'], ...(signal === undefined ? {} : { signal }) });
    let last = '';
    const read = (chunk: string): void => { for (const line of chunk.split('\n').map((l) => l.trim()).filter((l) => l !== '')) { if (/Error|Failed|ENOTFOUND|ECONN|EAI_AGAIN|ETIMEDOUT/.test(line) && last === '') last = line.slice(0, 200); say(line); } };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.on('error', (e) => { if (signal?.aborted === true) resolve({ code: null, last: '' }); else reject(e); });
    child.on('close', (code) => { resolve({ code, last }); });
  });
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
