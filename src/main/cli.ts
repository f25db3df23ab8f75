/** Command line entry. */
import { runCommandLine } from './cli/main.ts';
import { installNetworkGuard } from './supervise/network-guard.ts';

installNetworkGuard();
const io = { out: (text: string): void => { process.stdout.write(text); }, err: (text: string): void => { process.stderr.write(text); }, tty: process.stderr.isTTY, columns: (): number => process.stderr.columns ?? 80 };
// A closed pipe (`anneal runs | head`) is no failure.
process.stdout.on('error', () => { process.exit(0); });
runCommandLine(process.argv.slice(2), io).then((status) => { process.exitCode = status; }, (e: unknown) => { console.error(e); process.exitCode = 1; });
