import { formatDuration } from '../../../shared/format';
import type { HeartbeatBar } from '../../logic/heartbeat-bars';

interface Props {
  payload: HeartbeatBar;
  /** The bar's whole band, px. */
  background: { x: number; y: number; width: number; height: number };
  /** The age at the right end of the scale. */
  scaleMs: number;
}

/** Room for the name on the left and the age on the right, as parts of the band's width. */
const NAME_PART = 0.27;
const AGE_PART = 0.15;
const BAR_HEIGHT = 8;

/** One worker: its name, its age as a bar, and its two thresholds, which line up where they are the same. */
export function AgeBar({ payload, background, scaleMs }: Props) {
  const { x, y, width, height } = background;
  const left = x + width * NAME_PART;
  const span = width * (1 - NAME_PART - AGE_PART);
  const at = (ms: number) => left + span * Math.min(1, ms / scaleMs);
  const middle = y + height / 2;
  const barHeight = Math.min(BAR_HEIGHT, height - 1);
  const end = Math.max(at(payload.ageMs), left + 2);
  return (
    <g className={`age-bar tone-${payload.tone}`}>
      <foreignObject x={x} y={y} width={Math.max(0, width * NAME_PART - 8)} height={height}>
        <div className="age-name" style={{ lineHeight: `${height}px` }}>
          {payload.name}
        </div>
      </foreignObject>
      <rect x={left} y={middle - barHeight / 2} width={end - left} height={barHeight} rx={2} fill="currentColor" />
      <ThresholdMark x={at(payload.heartbeatMissingMs)} y={y} height={height} kind="missing" />
      <ThresholdMark x={at(payload.heartbeatStaleMs)} y={y} height={height} kind="stale" />
      <text className="age-length" x={end + 5} y={middle} dominantBaseline="central">
        {formatDuration(payload.ageMs)}
      </text>
    </g>
  );
}

function ThresholdMark({ x, y, height, kind }: { x: number; y: number; height: number; kind: 'missing' | 'stale' }) {
  return <line className={`threshold threshold-${kind}`} x1={x} x2={x} y1={y} y2={y + height} />;
}
