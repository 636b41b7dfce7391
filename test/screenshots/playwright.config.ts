import { defineConfig } from '@playwright/test';

/** Takes pictures, tests nothing. */
export default defineConfig({
  testDir: '.',
  testMatch: 'screenshots.ts',
  workers: 1,
  timeout: 240_000,
  expect: { timeout: 90_000 },
  reporter: 'list',
  outputDir: '../../test-results',
});
