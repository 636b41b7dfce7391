import { formatDuration } from '../../../shared/format';
import type { HeartbeatContent } from '../../../shared/model';
import { formatTime } from '../../logic/words';

interface Props {
  content: HeartbeatContent | null;
  /** The name the panel shows already. */
  workerName: string;
}

/** What the last heartbeat says, in the worker's own words. */
export function HeartbeatFacts({ content, workerName }: Props) {
  const facts = content ? contentFacts(content, workerName) : [];
  if (!facts.length) return null;
  return (
    <section aria-labelledby="heartbeat-title">
      <h3 id="heartbeat-title" className="label">
        Last heartbeat
      </h3>
      <dl className="facts">
        {facts.map(([word, text]) => (
          <div className="fact" key={word}>
            <dt>{word}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function contentFacts(content: HeartbeatContent, workerName: string): [string, string][] {
  const { task } = content;
  const facts: [string, string | null][] = [
    ['Status', content.status],
    ['Task', task ? [task.title, task.id].filter(Boolean).join(' · ') : null],
    ['Task since', task?.startedAt ? when(task.startedAt) : null],
    ['Phase', content.phase],
    ['Progress', content.progress],
    ['Message', content.message],
    ['Written', content.ts],
    ['Name', content.name === workerName ? null : content.name],
    ['Pid', content.pid === null ? null : String(content.pid)],
    ['Started', content.startedAt ? when(content.startedAt) : null],
    ['Beats every', content.intervalMs === null ? null : formatDuration(content.intervalMs)],
    ['Silent until', content.silentUntil ? when(content.silentUntil) : null],
  ];
  return facts.filter((fact): fact is [string, string] => Boolean(fact[1]));
}

function when(at: number): string {
  return formatTime(at, Date.now());
}
