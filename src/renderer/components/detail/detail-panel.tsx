import { useEffect, useRef } from 'react';
import type { WorkerDetail, WorkerRow } from '../../../shared/model';
import { useApp, useAppState } from '../../context';
import { runWord, sourceWord } from '../../logic/words';
import { focusActiveRow } from '../focus-row';
import { Attach } from './attach';
import { DetailActions } from './detail-actions';
import { EvidenceList } from './evidence-list';
import { HeartbeatFacts } from './heartbeat-facts';
import { LastHour } from './last-hour';
import { LogTail } from './log-tail';
import { OpenTasks } from './open-tasks';
import { ProcessTree } from './process-tree';
import { Relatives } from './relatives';
import { SessionFacts } from './session-facts';
import { Suggestion } from './suggestion';
import { Verdict } from './verdict';

/** Everything about the selected worker; what its row knows at once, the rest as soon as it comes. */
export function DetailPanel() {
  const id = useAppState((state) => state.selectedId);
  const row = useAppState((state) => state.snapshot?.workers.find((worker) => worker.id === state.selectedId) ?? null);
  const detail = useAppState((state) =>
    state.snapshot?.detail?.id === state.selectedId ? state.snapshot?.detail : null,
  );
  if (id === null || !row) return null;
  return <Panel key={id} row={row} detail={detail ?? null} />;
}

function Panel({ row, detail }: { row: WorkerRow; detail: WorkerDetail | null }) {
  const { actions } = useApp();
  const body = useRef<HTMLElement>(null);
  useEffect(() => {
    if (body.current) body.current.scrollTop = 0;
  }, []);
  return (
    <aside className="card panel" aria-label={row.name}>
      <div className="panel-head">
        <h2 title={row.name}>{row.name}</h2>
        <p className="panel-sub" title={row.runId}>
          {[row.role, sourceWord(row.source), runWord(row)].filter(Boolean).join(' · ')}
        </p>
        <button
          type="button"
          className="button button-icon"
          aria-label="Close the panel"
          onClick={() => {
            actions.select(null);
            focusActiveRow();
          }}
        >
          <svg viewBox="0 0 14 14" width="14" height="14" aria-hidden="true">
            <path d="M3 3l8 8M11 3l-8 8" stroke="currentColor" strokeWidth="1.6" strokeLinecap="round" />
          </svg>
        </button>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className="panel-body" ref={body} tabIndex={0} aria-label={`Details of ${row.name}`}>
        <Verdict row={row} />
        {row.suggestion !== null && <Suggestion row={row} suggestion={row.suggestion} />}
        {detail?.attachCommand && <Attach command={detail.attachCommand} />}
        <LastHour id={row.id} />
        {detail ? (
          <>
            <EvidenceList detail={detail} />
            <SessionFacts row={row} />
            <Relatives row={row} />
            <OpenTasks tasks={detail.openTasks} judgedAt={detail.judgedAt} />
            <ProcessTree detail={detail} />
            <LogTail tail={detail.logTail} />
            <HeartbeatFacts content={detail.heartbeatContent} workerName={row.name} />
          </>
        ) : (
          <p className="dim">Reading its evidence…</p>
        )}
        <p className="panel-path" title={row.path}>
          {row.path}
        </p>
      </section>
      <DetailActions row={row} detail={detail} />
    </aside>
  );
}
