/** Unit tests. Window tests (*.e2e.ts) belong to Playwright; test/gpu runs only where a GPU is named. */
import { configDefaults, defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    exclude: [...configDefaults.exclude, ...(process.env['ANNEAL_TEST_GPU'] === undefined ? ['test/gpu/**'] : [])],
    testTimeout: 20_000,
  },
});
