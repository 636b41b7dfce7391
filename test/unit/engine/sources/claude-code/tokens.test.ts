import { expect, it } from 'vitest';
import { parseLine } from '../../../../../src/engine/sources/claude-code/parse';
import { TokenCounter } from '../../../../../src/engine/sources/claude-code/tokens';

const answer = (id: string | null, output: number): string => {
  const message = { id, model: 'claude-x', usage: { input_tokens: 0, output_tokens: output } };
  return JSON.stringify({ type: 'assistant', message });
};

function counted(...lines: string[]): TokenCounter {
  const counter = new TokenCounter();
  for (const line of lines) counter.add(parseLine(line).usage);
  return counter;
}

it('knows none before the first answer', () => {
  expect(counted('{"type":"user"}').tokens).toBeNull();
  expect(counted(answer('a', 0)).tokens).toBe(0);
});

it('counts an answer once, by the most that was said of it', () => {
  expect(counted(answer('a', 1), answer('a', 5), answer('b', 7), answer('a', 3)).tokens).toBe(12);
});

it('counts each answer without an id', () => {
  expect(counted(answer(null, 1), answer(null, 1)).tokens).toBe(2);
});

it('knows none once the format is another one, until it begins anew', () => {
  const odd = JSON.stringify({ type: 'assistant', message: { usage: 5 } });
  const counter = counted(answer('a', 1), odd, answer('b', 1));
  expect(counter.tokens).toBeNull();
  expect(counter.unknown).toMatch(/^expected message.usage/);
  counter.clear();
  counter.add(parseLine(answer('a', 2)).usage);
  expect(counter).toMatchObject({ tokens: 2, unknown: null });
});

it('remembers no more answers than it has to', () => {
  const many = Array.from({ length: 5_000 }, (_, at) => answer(`m${at}`, 1));
  const counter = counted(...many, answer('m4999', 1), answer('m0', 1));
  expect(counter.tokens).toBe(5_001);
});
