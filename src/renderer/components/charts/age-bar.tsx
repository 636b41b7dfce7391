import { formatClock } from '../../../shared/format';
import type { HeartbeatBar } from '../../logic/heartbeat-bars';

interface Props {
  payload: HeartbeatBar;
  /** The bar's whole band, px. */
  background: { x: number; y: number; width: number; height: number };
  /** The age at the right end of the scale. */
  scaleMs: number;
}

/** Room for the name on the left, part of the band's width, and for the age on the right, px. */
const NAME_PART = 0.28;
const AGE_PX = 46;
const BAR_PX = 8;

/** One worker: its name, its age as a bar, and its two thresholds, which line up where they are the same. */
export function AgeBar({ payload, background, scaleMs }: Props) {
  const { x, y, width, height } = background;
  const left = x + width * NAME_PART;
  const span = Math.max(0, width * (1 - NAME_PART) - AGE_PX);
  const at = (ms: number) => left + span * Math.min(1, ms / scaleMs);
  const middle = y + height / 2;
  const barHeight = Math.min(BAR_PX, height - 2);
  const marks = { y, height };
  return (
    <g className={`age-bar tone-${payload.tone}`}>
      <foreignObject x={x} y={y} width={Math.max(0, width * NAME_PART - 8)} height={height}>
        <div className="age-name" style={{ lineHeight: `${height}px` }}>
          {payload.name}
        </div>
      </foreignObject>
      <rect
        x={left}
        y={middle - barHeight / 2}
        width={Math.max(2, at(payload.ageMs) - left)}
        height={barHeight}
        rx={2}
        fill="currentColor"
      />
      {payload.heartbeatMissingMs <= scaleMs && (
        <ThresholdMark {...marks} x={at(payload.heartbeatMissingMs)} kind="missing" />
      )}
      {payload.heartbeatStaleMs <= scaleMs && (
        <ThresholdMark {...marks} x={at(payload.heartbeatStaleMs)} kind="stale" />
      )}
      <text className="age-length" x={x + width} y={middle} textAnchor="end" dominantBaseline="central">
        {formatClock(payload.ageMs)}
      </text>
    </g>
  );
}

interface MarkProps {
  x: number;
  y: number;
  height: number;
  kind: 'missing' | 'stale';
}

function ThresholdMark({ x, y, height, kind }: MarkProps) {
  return <line className={`threshold threshold-${kind}`} x1={x} x2={x} y1={y} y2={y + height} />;
}
