import { plural } from '../../shared/format';
import type { Asker, KillPlan, KillReceipt, ReceiptProcess } from '../../shared/model';
import type { EndTreeResult } from './end-tree';
import { inSeconds } from './words';

interface ReceiptInput {
  /** The plan a person has seen. */
  shown: KillPlan;
  /** The plan as it stood when it was carried out. */
  fresh: KillPlan;
  result: EndTreeResult;
  askedBy: Asker;
  why: string;
  startedAt: number;
  tookMs: number;
}

/** Put into words what was done. Processes of the shown plan that were not touched are named too. */
export function receiptFor({ shown, fresh, result, askedBy, why, startedAt, tookMs }: ReceiptInput): KillReceipt {
  const untouched = shown.processes
    .filter(({ pid, startTime }) => !fresh.processes.some((p) => p.pid === pid && p.startTime === startTime))
    .map(({ pid, startTime, startedAt, command }): ReceiptProcess => {
      const sparedFor = fresh.spared.find((process) => process.pid === pid)?.why;
      const note = sparedFor ? `left alone: ${sparedFor}` : 'it had ended before';
      return { pid, startTime, startedAt, command, signals: [], outcome: 'not_signalled', note };
    });
  const sparedNow = untouched.filter(({ pid }) => fresh.spared.some((process) => process.pid === pid));
  const left = [...result.left, ...sparedNow.map(({ pid }) => pid)];
  const processes = [...result.processes, ...untouched];
  return {
    planId: shown.planId,
    workerId: shown.workerId,
    workerName: shown.workerName,
    askedBy,
    why,
    startedAt,
    tookMs,
    ended: left.length === 0 && result.blind === null,
    summary: summaryOf(shown.workerName, processes, left, tookMs, result.blind),
    session: null,
    processes,
  };
}

function summaryOf(
  name: string,
  processes: ReceiptProcess[],
  left: number[],
  tookMs: number,
  blind: string | null,
): string {
  const unseen = blind ? ` Whether it started more meanwhile is not known: ${blind}.` : '';
  const count = plural(processes.length, 'process', 'processes');
  if (left.length) {
    const many = left.length === 1 ? 'is' : 'are';
    return `${name} has not ended: ${left.length} of ${count} ${many} still there after ${inSeconds(tookMs)} (pid ${left.join(', ')}).${unseen}`;
  }
  const forced = processes.filter(({ signals }) => signals.some(({ signal }) => signal === 'SIGKILL')).length;
  return `${name} has ended: ${count} in ${inSeconds(tookMs)}${forced ? `, ${forced} only by SIGKILL` : ''}.${unseen}`;
}
