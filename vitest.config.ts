import { defineConfig } from 'vitest/config'

const everything = ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts']
const postgres = ['packages/testing/src/vitest-postgres.ts']
const slow = ['**/*.integration.test.ts', '**/*.e2e.test.ts']

/** Unit tests touch no network and no disk but their own; integration tests use a real PostgreSQL on loopback. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: everything, exclude: slow } },
      {
        test: {
          name: 'integration',
          globalSetup: postgres,
          include: [
            'packages/*/src/**/*.integration.test.ts',
            'apps/*/src/**/*.integration.test.ts',
          ],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          name: 'e2e',
          globalSetup: postgres,
          include: ['apps/*/src/**/*.e2e.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      { test: { name: 'architecture', include: ['scripts/*.test.ts'] } },
    ],
  },
})
