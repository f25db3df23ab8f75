/** Unit tests. Window tests (*.e2e.ts) belong to Playwright; test/gpu runs only where a GPU is named. */
import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: [...configDefaults.exclude, ...(process.env['ANNEAL_TEST_GPU'] === undefined ? ['test/gpu/**'] : [])],
    // Many tests start processes and train; a busy machine of two cores must not fail them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
