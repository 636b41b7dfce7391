import { formatClock } from '../../shared/format';
import { useEngineNow } from '../context';
import { ageNow } from '../logic/ages';

/** An age as m:ss that goes on by itself. */
export function Age({ ageMs, judgedAt }: { ageMs: number | null; judgedAt: number }) {
  const age = ageNow(ageMs, judgedAt, useEngineNow());
  return <>{age === null ? '–' : formatClock(age)}</>;
}
