/** Numbers as English text, for the command line, logs and error sentences. The window formats with Intl in its own language. */

const BYTE_UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** Powers of 1000, three significant digits: "1.23 GB". */
export function formatBytes(bytes: number): string {
  let value = bytes, unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) { value /= 1000; unit++; }
  return `${unit === 0 ? Math.round(value) : threeDigits(value)} ${BYTE_UNITS[unit] ?? ''}`;
}

/** "45 s", "3 min 20 s", "2 h 05 min", "3 d 4 h". */
export function formatDuration(seconds: number): string {
  if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)} s`;
  const s = Math.round(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min ${String(s % 60).padStart(2, '0')} s`;
  const minutes = Math.round(s / 60);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.floor((minutes % 1440) / 60)} h`;
}

/** "950", "12.3 K", "4.06 M", "7.24 B". */
export function formatCount(n: number): string {
  const units = ['', ' K', ' M', ' B', ' T'];
  let value = n, unit = 0;
  while (value >= 999.5 && unit < units.length - 1) { value /= 1000; unit++; }
  return unit === 0 ? String(Math.round(value * 100) / 100) : `${threeDigits(value)}${units[unit] ?? ''}`;
}

/** A measured value as people compare it: four significant digits, exponents only where needed. */
export function formatValue(x: number): string {
  if (!Number.isFinite(x)) return String(x);
  const size = Math.abs(x);
  if (x !== 0 && (size < 1e-3 || size >= 1e7)) return x.toExponential(2);
  if (Number.isInteger(x)) return String(x);
  return x.toPrecision(size >= 1000 ? 5 : 4);
}

const threeDigits = (x: number): string => (x >= 99.95 ? x.toFixed(0) : x >= 9.995 ? x.toFixed(1) : x.toFixed(2));
