/** Fetching the CUDA files: what is refused before anything is asked of the network, a failure that leaves nothing, and what is written down. The install script is one of these tests', not the package's. */

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { CUDA_FILES, cudaObstacle, cudaPlace, fetchCuda } from '../../src/main/host/cuda-files.ts';

const made: string[] = [];
afterEach(() => { vi.unstubAllEnvs(); for (const f of made.splice(0)) rmSync(f, { recursive: true, force: true }); });

function project(script: string): string {
  const root = mkdtempSync(join(tmpdir(), 'cuda-files-')), pkg = join(root, 'node_modules/onnxruntime-node');
  made.push(root);
  mkdirSync(join(pkg, 'script'), { recursive: true });
  mkdirSync(join(pkg, 'bin/napi-v6', process.platform, process.arch), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{}');
  writeFileSync(join(pkg, 'package.json'), '{"name":"onnxruntime-node","version":"1.30.0"}');
  writeFileSync(join(pkg, 'script/install.js'), script);
  return root;
}
const WRITES = (count: number): string => `const fs=require('fs'),path=require('path');const dir=path.join(__dirname,'..','bin/napi-v6',process.platform,process.arch);
if(process.argv[2]!=='--onnxruntime-node-install=cuda12'||process.env.npm_config_x)process.exit(3);
console.log('Downloading');for(const f of ${JSON.stringify(CUDA_FILES)}.slice(0,${count}))fs.writeFileSync(path.join(dir,f),f);`;
const onLinux = process.platform === 'linux' && process.arch === 'x64';

test('another system and an offline program are refused before anything is asked', async () => {
  const place = cudaPlace(project(''));
  expect(await cudaObstacle(place, { platform: 'darwin', arch: 'arm64' })).toMatch(/Linux on x64 only; this is darwin on arm64/);
  vi.stubEnv('ANNEAL_OFFLINE', 'refuse');
  if (onLinux) expect(await cudaObstacle(place)).toMatch(/refused here/);
});

test.skipIf(!onLinux)('fetched files are listed with their checksums', async () => {
  vi.stubEnv('npm_config_x', '1');
  const place = cudaPlace(project(WRITES(3))), lines: string[] = [];
  expect(place.installed).toBe(false);
  const files = await fetchCuda(place, (line) => { lines.push(line); });
  expect(lines).toEqual(['Downloading']);
  expect(files).toEqual(CUDA_FILES.map((name) => ({ name, bytes: name.length, sha256: createHash('sha256').update(name).digest('hex') })));
  expect(JSON.parse(readFileSync(join(place.folder, 'cuda-files.json'), 'utf8'))).toEqual({ onnxruntime: '1.30.0', files });
  expect(cudaPlace(join(place.package, '../..')).installed).toBe(true);
});

test.skipIf(!onLinux)('a failure leaves nothing and says why', async () => {
  const failing = cudaPlace(project(`${WRITES(1)}console.error('Error: getaddrinfo ENOTFOUND api.nuget.org');process.exit(1);`));
  await expect(fetchCuda(failing, () => undefined)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringMatching(/1\.30\.0 could not be fetched \(Error: getaddrinfo ENOTFOUND api\.nuget\.org\); nothing was changed/) as string });
  expect(CUDA_FILES.filter((f) => existsSync(join(failing.folder, f)))).toEqual([]);
  const partial = cudaPlace(project(WRITES(2)));
  await expect(fetchCuda(partial, () => undefined)).rejects.toMatchObject({ code: 'unavailable' });
  expect(CUDA_FILES.filter((f) => existsSync(join(partial.folder, f)))).toEqual([]);
});
