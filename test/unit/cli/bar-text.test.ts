import { describe, expect, test } from 'vitest';
import { BAR_FORMATS, barText } from '../../../src/cli/bar-text';
import { snapshotOf, stalledRow, workerRow } from '../../fixtures/snapshot';

const busy = (name: string) => workerRow({ name, state: 'busy' });
const hostile = stalledRow({
  name: '<b>&|#[fg=red]#(touch /tmp/x)%H\n\u001b[31m\u202e:smile:',
  reason: '</b>|bash=rm ---\n--- & "quoted"',
});
const stalled = snapshotOf([hostile, busy('a'), busy('b')], { overall: 'stalled', sentence: '1 of 3 is <stalled>.' });

describe('the short text', () => {
  const plain = (...args: Parameters<typeof snapshotOf>) => barText(snapshotOf(...args), 'plain');

  test('nobody works: the overall state', () => {
    expect(plain([], { overall: 'idle' })).toBe('○ idle\n');
    expect(plain([workerRow()], { overall: 'busy' })).toBe('● busy\n');
  });

  test('one alone is named, several are counted, worst first', () => {
    const waiting = workerRow({ name: 'asker', state: 'waiting' });
    const workers = [busy('a'), busy('b'), waiting, stalledRow({ name: 'coder-3' })];
    expect(plain(workers, { overall: 'stalled' })).toBe('■ coder-3 stalled  ◆ asker waits for you  ● 2 busy\n');
  });

  test('one waits, several wait', () => {
    const waiting = (name: string) => workerRow({ name, state: 'waiting' });
    expect(plain([waiting('waiting')])).toBe('◆ waiting waits for you\n');
    expect(plain([waiting('a'), waiting('b')])).toBe('◆ 2 wait for you\n');
  });

  test('who is snoozed is not told', () => {
    expect(plain([stalledRow({ snoozed: true })], { overall: 'idle' })).toBe('○ idle\n');
  });

  test('a long name is cut', () => {
    expect(plain([busy('n'.repeat(80))])).toBe(`● ${'n'.repeat(23)}… busy\n`);
  });
});

describe('names and reasons are harmless', () => {
  test.each(BAR_FORMATS)('%s: no control character and no direction character', (format) => {
    const text = barText(stalled, format);
    expect(text.endsWith('\n')).toBe(true);
    expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u202e]/);
  });

  test('waybar: one line of JSON, with nothing that Pango takes for markup but what is ours', () => {
    const text = barText(stalled, 'waybar');
    expect(text.split('\n')).toHaveLength(2);
    const shown = JSON.parse(text);
    expect(Object.keys(shown).sort()).toEqual(['alt', 'class', 'text', 'tooltip']);
    expect(shown).toMatchObject({ alt: 'stalled', class: 'stalled' });
    expect(shown.text).toContain('&lt;b&gt;&amp;|');
    expect(shown.tooltip).toContain('1 of 3 is &lt;stalled&gt;.');
    expect(shown.tooltip.split('\n')).toHaveLength(4);
    for (const markup of [shown.text, shown.tooltip]) {
      expect(markup.replaceAll(/<\/?b>/g, '')).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
    }
    expect(shown.tooltip.match(/<b>/g)).toHaveLength(3);
  });

  test('xbar: one | in each line, ours; a --- only where the menu is divided', () => {
    const lines = barText(stalled, 'xbar').trimEnd().split('\n');
    expect(lines[0]).toMatch(/^■ <b>&¦.* stalled {2}● 2 busy \| color=#e5484d trim=false emojize=false/);
    expect(lines.filter((line) => line.startsWith('--'))).toEqual(['---', '---']);
    const told = lines.filter((line) => line !== '---');
    expect(told).toHaveLength(5);
    for (const line of told) expect(line.split('|')).toHaveLength(2);
  });

  test('tmux: no # but those of our styles, and no %', () => {
    const text = barText(stalled, 'tmux');
    expect(text.match(/#/g)).toHaveLength(4);
    expect(text).toMatch(/^#\[fg=red\]■ .*＃\[fg=red\]＃\(touch .*#\[default\] {2}#\[fg=blue\]● 2 busy#\[default\]\n$/);
    expect(text).not.toContain('%');
  });
});

test('of whom it is not known how they are, tooltip and menu say so', () => {
  const snapshot = snapshotOf([workerRow({ name: 'broken', health: 'unknown', reason: 'Cannot be read' })]);
  expect(JSON.parse(barText(snapshot, 'waybar')).tooltip).toContain('? <b>broken</b>  Cannot be read');
  expect(barText(snapshot, 'xbar')).toMatch(/^\? broken: ready for .*Cannot be read \| trim=false/m);
});

test('a menu ends somewhere', () => {
  const many = snapshotOf(Array.from({ length: 300 }, (_, n) => busy(`worker-${n}`)));
  expect(barText(many, 'xbar').split('\n').length).toBeLessThan(30);
  expect(barText(many, 'xbar')).toContain('and 280 more');
  expect(JSON.parse(barText(many, 'waybar')).tooltip).toContain('and 280 more');
});
