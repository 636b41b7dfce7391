import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseRegistry } from '../../../../src/engine/sources/agent-registry/parse';
import { parseLine, parseSession } from '../../../../src/engine/sources/claude-code/parse';
import { TokenCounter } from '../../../../src/engine/sources/claude-code/tokens';

/** What the READMEs beside the fixtures say of them. */
const read = (path: string) => readFileSync(join(import.meta.dirname, '../../../fixtures/scenarios', path), 'utf8');

it('a record of Claude Code is understood, one of its SDK lacks a status', () => {
  expect(parseSession(read('claude-code/record.json'))).toMatchObject({
    ok: true,
    value: { drift: null, status: 'idle' },
  });
  expect(parseSession(read('claude-code/record-sdk.json'))).toMatchObject({
    ...{ ok: true, value: { status: null, drift: expect.stringMatching(/^expected status .* found none$/) } },
  });
});

it.each([
  ['transcript', 21_052],
  ['subagent', 905],
])('the answers of the %s of Claude Code have used %d tokens', (name, tokens) => {
  const counter = new TokenCounter();
  for (const line of read(`claude-code/${name}.jsonl`).split('\n')) counter.add(parseLine(line).usage);
  expect(counter).toMatchObject({ tokens, unknown: null });
});

it.each(['map', 'list', 'snake'])('the %s of agents names the same three', (name) => {
  const parsed = parseRegistry(read(`agent-registry/${name}.json`));
  const startedAt = 1_789_900_000_000;
  expect(parsed).toMatchObject({
    ok: true,
    value: [
      { jobId: 'job-1', name: 'refactor', pid: 9_001, startedAt, cwd: null, drift: null },
      { jobId: 'job-2', name: 'job-2', pid: 9_002, startedAt: startedAt + 1_000, cwd: null, drift: null },
      { jobId: 'job-3', name: 'job-3', pid: 9_003, startedAt: startedAt + 2_000, cwd: '/home/me/work', drift: null },
    ],
  });
});
