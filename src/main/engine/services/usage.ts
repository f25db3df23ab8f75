/** What the engine process measures of itself. */
import { connectionCount } from '../../supervise/network-guard.ts';

export function usage(): { rss: number; connections: number } {
  return { rss: process.memoryUsage.rss(), connections: connectionCount() };
}
