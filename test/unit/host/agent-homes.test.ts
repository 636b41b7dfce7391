import { homedir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { claudeConfigDirectory, codexHome } from '../../../src/host/agent-homes';

it.each([
  [codexHome, 'CODEX_HOME', '.codex'],
  [claudeConfigDirectory, 'CLAUDE_CONFIG_DIR', '.claude'],
])('%o: what is given, else below the home', (find, variable, folder) => {
  expect(find({ [variable]: '/given', HOME: '/home/me' })).toBe('/given');
  expect(find({ HOME: '/home/me' })).toBe(join('/home/me', folder));
  expect(find({ [variable]: 'relative', HOME: '/home/me' })).toBe(join('/home/me', folder));
  expect(find({ [variable]: '' })).toBe(join(homedir(), folder));
});
