import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import {
  Fragment,
  type KeyboardEvent,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
} from 'react';
import type { SourceKind, WorkerId } from '../../../shared/model';
import { useApp } from '../../context';
import type { Entry } from '../../logic/entries';
import { GroupLine } from './group-line';
import { TableHead } from './table-head';
import { WorkerLine } from './worker-line';

/** Heights of a line and of the head, px; the style sheet has the same. */
const LINE_PX = 33;
const HEAD_PX = 29;
const OVERSCAN = 6;

export interface WorkerTableHandle {
  /** Scroll to a line, if it is in the table. */
  show(key: string): void;
  /** Scroll to a line and put the keyboard's focus on it. */
  focus(key: string): void;
  /** Lines that fit on the page. */
  pageLines(): number;
}

/** What the columns have to tell; a column that would be empty, or the same in all rows, is left out. */
export interface Columns {
  /** The rows have to say of which kind they are. */
  kind: boolean;
  /** The rows have to say which run they are of. */
  run: boolean;
  traffic: boolean;
  usage: boolean;
  /** Of some the cost is known, too. */
  cost: boolean;
}

interface Props {
  ref: Ref<WorkerTableHandle>;
  entries: readonly Entry[];
  /** The line the Tab key comes to; it is always in the page, however far one has scrolled. */
  activeKey: string | null;
  columns: Columns;
  selectedId: WorkerId | null;
  onOpen: (id: WorkerId) => void;
  /** The focus came to a line, by whatever way. */
  onFocus: (key: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/** A real table of which only the lines in sight exist; empty rows keep the room of the others. */
export function WorkerTable(props: Props) {
  const { ref, entries, activeKey, columns, selectedId, onOpen, onFocus, onKeyDown } = props;
  const { actions } = useApp();
  const scroller = useRef<HTMLDivElement>(null);
  const focusNext = useRef<string | null>(null);
  const activeIndex = entries.findIndex((entry) => entry.key === activeKey);
  const groups = useMemo(() => entries.flatMap((entry, index) => (entry.type === 'group' ? [index] : [])), [entries]);
  const rangeExtractor = useCallback(
    (range: Range) => withIndexes(defaultRangeExtractor(range), [groupAt(groups, range.startIndex), activeIndex]),
    [activeIndex, groups],
  );
  const virtual = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    getItemKey: (index) => entries[index]?.key ?? index,
    overscan: OVERSCAN,
    scrollPaddingStart: groups.length ? LINE_PX : 0,
    scrollPaddingEnd: HEAD_PX,
    rangeExtractor,
  });

  function show(key: string): void {
    const index = entries.findIndex((entry) => entry.key === key);
    if (index >= 0) virtual.scrollToIndex(index, { align: 'auto' });
  }

  useImperativeHandle(ref, () => ({
    show,
    focus(key) {
      show(key);
      focusNext.current = key;
      focusButton(scroller.current, focusNext);
    },
    pageLines: () => Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - HEAD_PX) / LINE_PX) - 1),
  }));
  // The line may not have existed when it was asked for: it does after this render.
  useLayoutEffect(() => focusButton(scroller.current, focusNext));
  useReportRows(entries, virtual.range);

  const toggle = useCallback((source: SourceKind) => actions.toggleGroup(source), [actions]);
  const stuckIndex = groupAt(groups, virtual.range?.startIndex ?? 0);
  let filledTo = 0;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys walk the lines' own buttons
    <div
      ref={scroller}
      className="scroller"
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        const key = keyOf(event.target);
        if (key !== null) onFocus(key);
      }}
    >
      <table className={tableClass(columns)} aria-label="Workers" aria-rowcount={entries.length + 1}>
        <TableHead sourceWord={columns.kind ? 'Source' : 'Run'} />
        <tbody>
          {virtual.getVirtualItems().map((item) => {
            const entry = entries[item.index];
            if (!entry) return null;
            const gap = item.start - filledTo;
            filledTo = item.end;
            const place = { rowIndex: item.index + 2, active: entry.key === activeKey };
            return (
              <Fragment key={entry.key}>
                <Gap height={gap} />
                {entry.type === 'group' ? (
                  <GroupLine {...place} entry={entry} stuck={item.index === stuckIndex} onToggle={toggle} />
                ) : (
                  <WorkerLine
                    {...place}
                    row={entry.row}
                    depth={entry.depth}
                    below={entry.below}
                    selected={entry.key === selectedId}
                    onOpen={onOpen}
                  />
                )}
              </Fragment>
            );
          })}
          <Gap height={virtual.getTotalSize() - filledTo} />
        </tbody>
      </table>
    </div>
  );
}

function tableClass({ kind, run, traffic, usage, cost }: Columns): string {
  const without = {
    ...{ 'one-kind': !kind, 'one-run': !run },
    ...{ 'no-traffic': !traffic, 'no-usage': !usage, 'no-cost': !cost },
  };
  return ['table', ...Object.entries(without).flatMap(([name, holds]) => (holds ? [name] : []))].join(' ');
}

/** The room of lines that are out of sight; of one cell, for one across columns that are hidden would make room for these. */
function Gap({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an empty row has nothing that takes the focus
    <tr aria-hidden="true" className="gap">
      <td style={{ height }} />
    </tr>
  );
}

/** The head of the group a line is in, by their places; -1 without groups. */
function groupAt(groups: readonly number[], index: number): number {
  return groups.findLast((group) => group <= index) ?? -1;
}

function withIndexes(indexes: number[], more: readonly number[]): number[] {
  const missing = more.filter((index) => index >= 0 && !indexes.includes(index));
  return missing.length ? [...new Set([...indexes, ...missing])].sort((a, b) => a - b) : indexes;
}

/** The line an element is in. */
function keyOf(element: Element): string | null {
  return element.closest('tr')?.querySelector('[data-row]')?.getAttribute('data-row') ?? null;
}

function focusButton(scroller: HTMLElement | null, wanted: { current: string | null }): void {
  if (wanted.current === null) return;
  const button = scroller?.querySelector<HTMLElement>(`[data-row="${CSS.escape(wanted.current)}"]`);
  if (!button) return;
  wanted.current = null;
  button.focus({ preventScroll: true });
}

/** Tell the engine which rows are in sight, and ask for their last hour. */
function useReportRows(entries: readonly Entry[], range: { startIndex: number; endIndex: number } | null): void {
  const { focus, strips } = useApp();
  const start = range?.startIndex ?? 0;
  const end = range?.endIndex ?? -1;
  useEffect(() => {
    const ids = entries.slice(start, end + 1).flatMap((entry) => (entry.type === 'worker' ? [entry.key] : []));
    focus.setRows(ids);
    strips.setRows(ids);
  }, [focus, strips, entries, start, end]);
}
