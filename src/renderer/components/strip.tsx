import { memo } from 'react';
import { type HealthStrip, STRIP_MINUTES, type WorkerId } from '../../shared/model';
import { useAppState } from '../context';
import { type StripLetter, stripChanges, stripSpans, stripSums } from '../logic/strip';

/** Units of the drawing's height: one is a minute's width in the table. */
const HEIGHT = 12;
/** What is well stays low; what needs an eye is as high as the strip. */
const HEIGHTS: Record<StripLetter, number> = { d: 12, s: 12, w: 12, l: 8, h: 5, o: 2, '-': 0 };
const LETTERS = Object.keys(HEIGHTS) as StripLetter[];

/** A worker's last hour, a minute a cell, as far as it is known yet. */
export function WorkerStrip({ id }: { id: WorkerId }) {
  const known = useAppState((state) => state.strips.get(id));
  if (!known) return <span className="strip" />;
  const sums = stripSums(known.strip);
  const title = [`Last hour: ${sums}`, ...stripChanges(known.strip, known.at)].join('\n');
  return (
    <span className="strip" role="img" aria-label={`Last hour: ${sums}`} title={title}>
      <StripDrawing strip={known.strip} />
    </span>
  );
}

/** Colour and height tell the same. */
const StripDrawing = memo(function StripDrawing({ strip }: { strip: HealthStrip }) {
  const spans = stripSpans(strip);
  return (
    <svg viewBox={`0 0 ${STRIP_MINUTES} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <path className="strip-base" d={`M0 ${HEIGHT - 0.5}H${STRIP_MINUTES}`} />
      {LETTERS.map((letter) => {
        const height = HEIGHTS[letter];
        const shape = spans
          .filter((span) => span.letter === letter && height > 0)
          .map(({ from, length }) => `M${from} ${HEIGHT}v${-height}h${length}v${height}z`)
          .join('');
        return shape && <path key={letter} className={`strip-${STRIP_CLASSES[letter]}`} d={shape} />;
      })}
    </svg>
  );
});

const STRIP_CLASSES: Record<StripLetter, string> = {
  d: 'fault',
  s: 'fault',
  w: 'waiting',
  l: 'late',
  h: 'healthy',
  o: 'rest',
  '-': 'rest',
};
