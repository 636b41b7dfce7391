import { plural } from '../../shared/format';
import type { Asker, KillPlan, KillReceipt, ReceiptProcess } from '../../shared/model';
import type { EndTreeResult } from './end-tree';
import type { SessionEnd } from './session-end';
import { inSeconds } from './words';

interface ReceiptInput {
  /** The plan a person has seen. */
  shown: KillPlan;
  /** The plan as it stood when it was carried out. */
  fresh: KillPlan;
  result: EndTreeResult;
  /** What became of its tmux session; null: it has none. */
  session: SessionEnd | null;
  /** What went wrong beside, in sentences. */
  troubles: string[];
  askedBy: Asker;
  why: string;
  startedAt: number;
  tookMs: number;
}

/** Put into words what was done. Processes of the shown plan that were not touched are named too. */
export function receiptFor(input: ReceiptInput): KillReceipt {
  const { shown, fresh, result, session, askedBy, why, startedAt, tookMs } = input;
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
    ended: left.length === 0 && result.blind === null && session?.ended !== false,
    summary: summaryOf(input, processes, left),
    session: session?.words ?? null,
    processes,
  };
}

function summaryOf(input: ReceiptInput, processes: ReceiptProcess[], left: number[]): string {
  const { shown, result, session, tookMs, troubles } = input;
  const name = shown.workerName;
  const unseen = result.blind ? [`Whether it started more meanwhile is not known: ${result.blind}.`] : [];
  const sessionLeft = session?.ended === false ? [session.words] : [];
  const count = plural(processes.length, 'process', 'processes');
  const say = (first: string) => [first, ...sessionLeft, ...unseen, ...troubles].join(' ');
  if (left.length) {
    const many = left.length === 1 ? 'is' : 'are';
    return say(
      `${name} has not ended: ${left.length} of ${count} ${many} still there after ${inSeconds(tookMs)} (pid ${left.join(', ')}).`,
    );
  }
  const forced = processes.filter(({ signals }) => signals.some(({ signal }) => signal === 'SIGKILL')).length;
  const forcibly = forced ? `, ${forced} only by SIGKILL` : '';
  const how = processes.length ? `: ${count} in ${inSeconds(tookMs)}${forcibly}` : ` after ${inSeconds(tookMs)}`;
  return say(`${name} ${sessionLeft.length ? 'may not have ended' : 'has ended'}${how}.`);
}
