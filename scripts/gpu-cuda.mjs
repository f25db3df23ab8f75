// npm run gpu:cuda: fetches the CUDA provider's files for the installed onnxruntime-node (Linux on x64), by the package's own install script.
import { join } from 'node:path';
import { cudaPlace, fetchCuda } from '../src/main/host/cuda-files.ts';
import { formatBytes } from '../src/shared/units.ts';

try {
  const place = cudaPlace(join(import.meta.dirname, '..'));
  console.log(`${place.installed ? 'Fetching again' : 'Fetching'} the CUDA provider of onnxruntime-node ${place.version} into ${place.folder}`);
  for (const f of await fetchCuda(place, (line) => { console.log(`  ${line}`); })) console.log(`${f.name}  ${formatBytes(f.bytes)}  sha256 ${f.sha256}`);
  console.log('Done. CUDA 12 and cuDNN 9 must be installed too; "anneal doctor" says whether the device works.');
} catch (e) {
  console.error(e instanceof Error ? e.message : String(e));
  process.exitCode = 1;
}
