/** Unit tests. Window tests (*.e2e.ts) belong to Playwright; test/gpu skips itself, with the reason, where there is no Vulkan device. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'test/**/*.test.tsx'],
    // Many tests start processes and train; a busy machine of two cores must not fail them.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
