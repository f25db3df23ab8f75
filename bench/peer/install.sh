#!/bin/sh
# Time and size of both installations from their registries into empty folders, without caches: the command line (production packages and Node) beside the Python packages of requirements-train.txt.
# The window adds Electron; the Python side adds Python itself. One JSON line to bench/results/peer-train.jsonl. Everything is under $WORK and removed at the end.
set -e
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"
WORK=$(mktemp -d); trap 'rm -rf "$WORK"' EXIT
RESULTS=${ANNEAL_PEER_RESULTS:-$PWD/bench/results/peer-train.jsonl}
now() { date +%s.%N; }
mb() { du -smc "$@" 2>/dev/null | tail -1 | cut -f1; }
COMMIT=$(git rev-parse --short HEAD); NODE=$(node -p 'require("fs").realpathSync(process.execPath)')

mkdir "$WORK/npm"; cp package.json package-lock.json "$WORK/npm"
A=$(now); (cd "$WORK/npm" && npm ci --omit=dev --no-audit --no-fund --cache "$WORK/npm-cache" > /dev/null); B=$(now)
python3 -m venv "$WORK/venv"
C=$(now); "$WORK/venv/bin/python" -m pip install -q --no-cache-dir --disable-pip-version-check -r bench/peer/requirements-train.txt; D=$(now)
SITE=$(echo "$WORK"/venv/lib/python3*/site-packages)
node -e '
const [results, commit, a, b, c, d, packages, binary, source, site, cuda, electron] = process.argv.slice(1);
const line = { kind: "install", anneal: { seconds: b - a, packages_mb: +packages, node_mb: +binary, source_mb: +source, electron_mb: +electron }, trl: { seconds: d - c, site_packages_mb: +site, of_these_cuda_mb: +cuda }, commit, date: new Date().toISOString() };
require("fs").appendFileSync(results, JSON.stringify(line) + "\n");
console.log(JSON.stringify(line, null, 2));
' "$RESULTS" "$COMMIT" "$A" "$B" "$C" "$D" "$(mb "$WORK/npm/node_modules")" "$(mb "$NODE")" "$(mb src resources)" "$(mb "$SITE")" "$(mb "$SITE"/nvidia "$SITE"/triton)" "$(mb node_modules/electron node_modules/electron-* || echo 0)"
