/** A program with nothing to do but a watchdog: ends by itself after the milliseconds of its argument, with code 0. */
import { startWatchdog } from '../../src/main/engine/watchdog.ts';

startWatchdog();
setTimeout(() => undefined, Number(process.argv[2]));
