import { defaultRangeExtractor, type Range, useVirtualizer } from '@tanstack/react-virtual';
import {
  Fragment,
  type KeyboardEvent,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
} from 'react';
import type { WorkerId, WorkerRow } from '../../../shared/model';
import { useApp } from '../../context';
import { TableHead } from './table-head';
import { WorkerLine } from './worker-line';

/** Heights of a row and of the head, px; the style sheet has the same. */
const ROW_PX = 33;
const HEAD_PX = 29;
const OVERSCAN = 6;

export interface WorkerTableHandle {
  /** Scroll to a row, if the filters let it through. */
  showRow(id: WorkerId): void;
  /** Scroll to a row and put the keyboard's focus on it. */
  focusRow(id: WorkerId): void;
  /** Rows that fit on the page. */
  pageRows(): number;
}

interface Props {
  ref: Ref<WorkerTableHandle>;
  rows: readonly WorkerRow[];
  /** The row the Tab key comes to; it is always in the page, however far one has scrolled. */
  activeId: WorkerId | null;
  /** Whether the rows have to say of which kind they are. */
  severalKinds: boolean;
  /** Whether the rows have to say which run they are of. */
  severalRuns: boolean;
  selectedId: WorkerId | null;
  onOpen: (id: WorkerId) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

/** A real table of which only the rows in sight exist; empty rows keep the room of the others. */
export function WorkerTable({ ref, rows, activeId, severalKinds, severalRuns, selectedId, onOpen, onKeyDown }: Props) {
  const scroller = useRef<HTMLDivElement>(null);
  const focusNext = useRef<WorkerId | null>(null);
  const activeIndex = rows.findIndex((row) => row.id === activeId);
  const rangeExtractor = useCallback(
    (range: Range) => withIndex(defaultRangeExtractor(range), activeIndex),
    [activeIndex],
  );
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: OVERSCAN,
    scrollPaddingEnd: HEAD_PX,
    rangeExtractor,
  });

  function showRow(id: WorkerId): void {
    const index = rows.findIndex((row) => row.id === id);
    if (index >= 0) virtual.scrollToIndex(index, { align: 'auto' });
  }

  useImperativeHandle(ref, () => ({
    showRow,
    focusRow(id) {
      showRow(id);
      focusNext.current = id;
      focusRowButton(scroller.current, focusNext);
    },
    pageRows: () => Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 0) - HEAD_PX) / ROW_PX) - 1),
  }));
  // The row may not have existed when it was asked for: it does after this render.
  useLayoutEffect(() => focusRowButton(scroller.current, focusNext));
  useReportRows(rows, virtual.range);

  const items = virtual.getVirtualItems();
  let filledTo = 0;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys walk the rows' own buttons
    <div ref={scroller} className="scroller" onKeyDown={onKeyDown}>
      <table className={tableClass(severalKinds, severalRuns)} aria-label="Workers" aria-rowcount={rows.length + 1}>
        <TableHead sourceWord={severalKinds ? 'Source' : 'Run'} />
        <tbody>
          {items.map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            const gap = item.start - filledTo;
            filledTo = item.end;
            return (
              <Fragment key={row.id}>
                <Gap height={gap} />
                <WorkerLine
                  row={row}
                  rowIndex={item.index + 2}
                  active={row.id === activeId}
                  selected={row.id === selectedId}
                  onOpen={onOpen}
                />
              </Fragment>
            );
          })}
          <Gap height={virtual.getTotalSize() - filledTo} />
        </tbody>
      </table>
    </div>
  );
}

/** What all rows have in common is not said in each of them. */
function tableClass(severalKinds: boolean, severalRuns: boolean): string {
  return ['table', !severalKinds && 'one-kind', !severalRuns && 'one-run'].filter(Boolean).join(' ');
}

/** The room of rows that are out of sight; of one cell, for one across columns that are hidden would make room for these. */
function Gap({ height }: { height: number }) {
  if (height <= 0) return null;
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: an empty row has nothing that takes the focus
    <tr aria-hidden="true" className="gap">
      <td style={{ height }} />
    </tr>
  );
}

function withIndex(indexes: number[], index: number): number[] {
  if (index < 0 || indexes.includes(index)) return indexes;
  return [...indexes, index].sort((a, b) => a - b);
}

function focusRowButton(scroller: HTMLElement | null, wanted: { current: WorkerId | null }): void {
  if (wanted.current === null) return;
  const button = scroller?.querySelector<HTMLElement>(`[data-row="${CSS.escape(wanted.current)}"]`);
  if (!button) return;
  wanted.current = null;
  button.focus({ preventScroll: true });
}

/** Tell the engine which rows are in sight. */
function useReportRows(rows: readonly WorkerRow[], range: { startIndex: number; endIndex: number } | null): void {
  const { focus } = useApp();
  const start = range?.startIndex ?? 0;
  const end = range?.endIndex ?? -1;
  useEffect(() => {
    focus.setRows(rows.slice(start, end + 1).map((row) => row.id));
  }, [focus, rows, start, end]);
}
