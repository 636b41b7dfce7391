import { powerMonitor } from 'electron';
import type { Desk } from '../server/desk';

/** Tell the engine when the machine sleeps and wakes. */
export function followPower(desk: Desk): void {
  powerMonitor.on('suspend', () => desk.power('suspend'));
  powerMonitor.on('resume', () => desk.power('resume'));
}
