import { powerMonitor } from 'electron';
import type { Monitor } from '../engine/monitor-types';

/** Tell the monitor when the machine sleeps and wakes. */
export function followPower(monitor: Pick<Monitor, 'suspend' | 'resume'>): void {
  powerMonitor.on('suspend', () => monitor.suspend());
  powerMonitor.on('resume', () => monitor.resume());
}
