import { capitalised, harmless, plural } from '../shared/format';
import type { KillPlan, KillReceipt, PlannedProcess, ReceiptProcess, WorkerRow } from '../shared/model';

/** A plan as a person reads it before saying yes. Ends with a line break. */
export function planText(plan: KillPlan, worker: WorkerRow): string {
  const name = harmless(plan.workerName);
  const lines = [`${name}: ${worker.state}. ${harmless(worker.reason, 1_000)}`, ''];
  if (plan.refused !== null) return `${[...lines, harmless(plan.refused, 1_000)].join('\n')}\n`;
  if (plan.session !== null) lines.push(`The tmux session ${harmless(plan.session)} would be ended.`);
  if (plan.abort !== null) lines.push(`${capitalised(plan.abort)} would be asked to abort the session.`);
  lines.push(...section(endedTitle(plan.processes.length), plan.processes.map(plannedLine)));
  lines.push(
    ...section(
      'Other workers in the same processes, which would end too:',
      plan.sharedWith.map(({ name }) => harmless(name)),
    ),
  );
  lines.push(
    ...section(
      'Left alone:',
      plan.spared.map(({ pid, command, why }) => `${pid}  ${harmless(command)}  (${harmless(why)})`),
    ),
  );
  lines.push(
    ...section(
      'What happens:',
      plan.steps.map((step, index) => `${index + 1}. ${step}`),
    ),
  );
  return `${lines.join('\n').trimEnd()}\n`;
}

/** What is asked before a plan is carried out. */
export function questionFor({ processes, session, abort }: KillPlan): string {
  const count = processes.length;
  if (session !== null) {
    return `End the session ${harmless(session)}${count ? ` and ${these(count)}` : ''}?`;
  }
  if (abort !== null) return `Have the session aborted${count ? ` and end ${these(count)}` : ''}?`;
  return `End ${these(count)}?`;
}

/** What was done. Ends with a line break. */
export function receiptText(receipt: KillReceipt): string {
  const lines = [harmless(receipt.summary, 1_000)];
  if (receipt.session !== null) lines.push(`  ${harmless(receipt.session)}`);
  lines.push(...receipt.processes.map((each) => `  ${receiptLine(each)}`));
  return `${lines.join('\n')}\n`;
}

function these(count: number): string {
  return count === 1 ? 'this process' : `these ${count} processes`;
}

function endedTitle(count: number): string {
  return `${plural(count, 'process', 'processes')} would be ended:`;
}

function section(title: string, lines: string[]): string[] {
  return lines.length ? [title, ...lines.map((line) => `  ${line}`), ''] : [];
}

function plannedLine({ pid, depth, command, why }: PlannedProcess): string {
  return `${pid}  ${'  '.repeat(depth)}${harmless(command)}  (${harmless(why)})`;
}

function receiptLine({ pid, command, signals, outcome, note }: ReceiptProcess): string {
  const sent = signals.map(({ signal }) => signal).join(', ') || 'no signal';
  return `${pid}  ${harmless(command)}: ${outcome.replaceAll('_', ' ')} (${sent}; ${harmless(note)})`;
}
