import type { WorkerId } from '../../../shared/model';
import { useAppState } from '../../context';
import { stripSums } from '../../logic/strip';
import { WorkerStrip } from '../strip';

/** The strip of the row at full width, and in words how many minutes there were of each. */
export function LastHour({ id }: { id: WorkerId }) {
  const sums = useAppState((state) => stripSums(state.strips.get(id)?.strip ?? ''));
  return (
    <section className="last-hour" aria-labelledby="hour-title">
      <h3 id="hour-title" className="label">
        Last hour
      </h3>
      <WorkerStrip id={id} />
      <p className="dim">{sums || '–'}</p>
    </section>
  );
}
