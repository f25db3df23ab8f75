/** Window tests: the same built page in Debian's Chromium against `serve`, and in real Electron. Browsers are never downloaded. No retries: a flaky test is a failed one. */
import { defineConfig } from '@playwright/test';
import type { WindowOptions } from './test/support/window.ts';

const report = process.env['PLAYWRIGHT_JSON_OUTPUT_FILE'];

export default defineConfig<object, WindowOptions>({
  testDir: 'test',
  outputDir: 'test-results/window',
  timeout: 90_000,
  expect: { timeout: 10_000 },
  retries: 0,
  workers: 1,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list'], ...(report === undefined || report === '' ? [] : [['json', { outputFile: report }] as ['json', { outputFile: string }]])],
  projects: [
    { name: 'chromium', testMatch: ['e2e-web/**/*.e2e.ts', 'e2e-both/**/*.e2e.ts'], use: { face: 'chromium' } },
    { name: 'electron', testMatch: ['e2e-electron/**/*.e2e.ts', 'e2e-both/**/*.e2e.ts'], use: { face: 'electron' } },
  ],
});
