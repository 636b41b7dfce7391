import { HeartbeatChart } from './heartbeat-chart';
import { IdleChart } from './idle-chart';
import { MemoryChart } from './memory-chart';
import { RangeSwitch } from './range-switch';
import { TrafficChart } from './traffic-chart';
import { useOverTime } from './use-over-time';

/** Four charts of one height; those over time look as far back as the switch says. */
export function Charts() {
  const over = useOverTime();
  return (
    <section className="charts" aria-label="Charts">
      <RangeSwitch over={over} />
      <TrafficChart over={over} />
      <IdleChart over={over} />
      <HeartbeatChart />
      <MemoryChart over={over} />
    </section>
  );
}
