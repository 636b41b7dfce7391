import { describe, expect, it } from 'vitest';
import { type Entry, layOut } from '../../../src/renderer/logic/entries';
import { foldStep, walkTarget } from '../../../src/renderer/logic/walk';
import { makeRow } from '../../fixtures/renderer/pictures';

const rows = [
  makeRow({ id: 'parent', name: 'parent' }),
  makeRow({ id: 'child', name: 'child', parentId: 'parent' }),
  makeRow({ id: 'task', name: 'task', source: 'task-list' }),
];
const laidOut = (openParents: string[]): Entry[] =>
  layOut(rows, {
    grouped: true,
    nested: true,
    urgentFirst: false,
    closedGroups: new Set(['task-list']),
    openParents: new Set(openParents),
  });

describe('arrows to the side', () => {
  // 0 the first group, 1 parent, 2 child, 3 the closed group
  const open = laidOut(['parent']);
  const closed = laidOut([]);

  it('to the right open what is closed, go in where it is open, and do nothing else', () => {
    expect(foldStep('ArrowRight', closed, 1)).toEqual({});
    expect(foldStep('ArrowRight', open, 1)).toEqual({ to: 2 });
    expect(foldStep('ArrowRight', open, 0)).toEqual({ to: 1 });
    expect(foldStep('ArrowRight', open, 3)).toEqual({});
    expect(foldStep('ArrowRight', open, 2)).toBeNull();
  });

  it('to the left close what is open, then go out to the parent and to the group', () => {
    expect(foldStep('ArrowLeft', open, 2)).toEqual({ to: 1 });
    expect(foldStep('ArrowLeft', open, 1)).toEqual({});
    expect(foldStep('ArrowLeft', closed, 1)).toEqual({ to: 0 });
    expect(foldStep('ArrowLeft', open, 0)).toEqual({});
    expect(foldStep('ArrowLeft', open, 3)).toBeNull();
  });

  it('are none of the keys that walk, and those do not fold', () => {
    expect(walkTarget('ArrowRight', 1, 5, 9)).toBeNull();
    expect(foldStep('ArrowDown', open, 1)).toBeNull();
    expect(walkTarget('ArrowDown', 1, 5, 9)).toBe(2);
    expect(walkTarget('PageUp', 7, 5, 9)).toBe(2);
    expect(walkTarget('End', 0, 5, 9)).toBe(8);
  });
});
