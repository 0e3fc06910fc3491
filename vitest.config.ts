import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    // Native sessions and killed processes: every test file gets a process of its own.
    pool: 'forks',
    // Some tests load onnxruntime themselves, past main/backend/onnx/telemetry.ts.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
