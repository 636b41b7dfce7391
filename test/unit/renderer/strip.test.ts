import { describe, expect, it } from 'vitest';
import { stripChanges, stripSpans, stripSums } from '../../../src/renderer/logic/strip';

const STRIP = `${'-'.repeat(10)}${'h'.repeat(40)}ll${'s'.repeat(8)}`;
const AT = new Date(2026, 0, 14, 14, 0, 30).getTime();

describe('the last hour', () => {
  it('is drawn as spans of like minutes', () => {
    expect(stripSpans(STRIP)).toEqual([
      { letter: '-', from: 0, length: 10 },
      { letter: 'h', from: 10, length: 40 },
      { letter: 'l', from: 50, length: 2 },
      { letter: 's', from: 52, length: 8 },
    ]);
  });

  it('takes letters it does not know for not watched', () => {
    expect(stripSpans('h?x')).toEqual([
      { letter: 'h', from: 0, length: 1 },
      { letter: '-', from: 1, length: 2 },
    ]);
  });

  it('is told in minutes, the worst first', () => {
    expect(stripSums(STRIP)).toBe('stalled 8 min, late 2 min, healthy 40 min, not watched 10 min');
    expect(stripSums('')).toBe('');
  });

  it('says when what began, newest first, and not more than anyone reads', () => {
    expect(stripChanges(STRIP, AT)).toEqual(['from 13:52 stalled', 'from 13:50 late', 'from 13:10 healthy']);
    const restless = stripChanges('hl'.repeat(30), AT);
    expect(restless).toHaveLength(7);
    expect(restless.at(-1)).toBe('and 53 changes before');
  });
});
