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
        {plural(plan.processes.length, 'process is', 'processes are')} told to end{grace}.
      </p>
      <progress aria-label="Ending" />
      <p className="dim">{formatDuration(tickAt - startedAt)} so far</p>
    </>
  );
}
