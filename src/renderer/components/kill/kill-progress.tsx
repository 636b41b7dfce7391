import { useState, useSyncExternalStore } from 'react';
import { formatDuration, plural } from '../../../shared/format';
import type { KillPlan } from '../../../shared/model';
import { useApp } from '../../context';

/** What is going on while the processes end. */
export function KillProgress({ plan }: { plan: KillPlan }) {
  const { ticker } = useApp();
  const [startedAt] = useState(() => performance.now());
  const tickAt = useSyncExternalStore(ticker.subscribe, ticker.tickAt);
  const grace = plan.killGraceMs > 0 ? `, with ${formatDuration(plan.killGraceMs)} to end by themselves` : '';
  return (
    <>
      <p aria-live="polite">
        {toldToEnd(plan)} told to end{grace}.
      </p>
      <progress aria-label="Ending" />
      <p className="dim">{formatDuration(tickAt - startedAt)} so far</p>
    </>
  );
}

function toldToEnd({ processes, session }: KillPlan): string {
  const count = plural(processes.length, 'process', 'processes');
  if (session !== null) return processes.length ? `Its session and ${count} are` : 'Its session is';
  return `${count} ${processes.length === 1 ? 'is' : 'are'}`;
}
