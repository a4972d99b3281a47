import { configDefaults, defineConfig } from 'vitest/config';

/**
 * Tests that take minutes: servers killed again and again, random worlds through the whole of an operation, the rarer walks of a
 * browser. They run with `npm run test:thorough`, which also gives the other random tests their full size.
 */
const thorough = [
  'test/faults/{batch,chunks-killed,connection-cut,content-killed,continue-as-new,incomplete-reads,isolation,isolation-killed}.test.ts',
  'test/faults/{overlapping-batches,registrations-killed,report-killed,same-user,servers-killed,stopped-by-hand}.test.ts',
  'test/ui/rarer-walks.test.ts',
  'test/scenarios/{batch,deassign-content,delete-group,group-removal,registration,update-profiles}-properties.test.ts',
];

export default defineConfig(({ mode }) => ({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(mode === 'thorough' ? [] : thorough)],
    globalSetup: ['test/support/global-setup.ts'],
    // Native modules (the Temporal SDK's core) and child processes want processes of their own.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 180_000,
    hookTimeout: 240_000,
  },
}));
