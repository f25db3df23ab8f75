/** The real engine entry, whose event loop is then kept busy for four seconds, twice. */
import '../../src/main/engine/entry.ts';

const block = (): void => { for (const end = performance.now() + 4000; performance.now() < end;); };
setTimeout(() => { console.log('first block'); block(); setTimeout(() => { console.log('second block'); block(); console.log('free'); }, 1500); }, 500);
