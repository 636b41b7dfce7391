import { Area } from 'recharts';
import type { ChartPoint, Figure } from '../../logic/series';
import { STILL } from './time-plot';

interface Props {
  mean: Figure;
  max: Figure;
  colour: string;
}

/** From the mean of each stretch to its greatest value: a peak stays in sight however short it was. */
export function PeakBand({ mean, max, colour }: Props) {
  return (
    <Area
      {...STILL}
      dataKey={(point: ChartPoint) => band(point[mean], point[max])}
      type="stepAfter"
      stroke={colour}
      strokeWidth={1}
      strokeOpacity={0.45}
      fill={colour}
      fillOpacity={0.25}
    />
  );
}

function band(from: number | null, to: number | null): [number, number] | null {
  return from === null || to === null ? null : [from, to];
}
