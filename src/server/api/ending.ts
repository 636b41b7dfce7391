import type { KillPlan, KillReceipt, WorkerId } from '../../shared/model';
import type { Station } from '../station';
import { ApiError, unknown } from './errors';

/** Throws where there is no such worker. */
export function refuseStrangers({ engine }: Station, id: WorkerId): void {
  if (!engine.monitor.report(id)) throw unknown(`there is no worker ${id} now; GET /api/snapshot names all`);
}

/** What ending a worker would do. Signals nothing. */
export async function planEnd(station: Station, id: WorkerId): Promise<KillPlan> {
  refuseStrangers(station, id);
  return await station.invoke('kill.plan', [id], 'api');
}

/** End a worker by the kill plan; resolves with the receipt, also where something survived. */
export async function endWorker(station: Station, id: WorkerId, acceptShared: boolean): Promise<KillReceipt> {
  const plan = await planEnd(station, id);
  if (plan.refused === null && plan.sharedWith.length && !acceptShared) {
    const names = plan.sharedWith.map(({ name }) => name).join(', ');
    const words = `it would end ${names} too; with {"acceptShared": true} it does`;
    throw new ApiError(409, 'shared', words);
  }
  const answer = await station.invoke('kill.execute', [plan.planId, { acceptShared }], 'api');
  if (!answer.ok) throw new ApiError(409, 'refused', answer.reason);
  return answer.receipt;
}
