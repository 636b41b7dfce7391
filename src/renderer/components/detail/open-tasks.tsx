import type { OpenTask } from '../../../shared/model';
import { useEngineNow } from '../../context';
import { idleTag, idleWords } from '../../logic/session-words';
import { Age } from '../age';

/** The tasks that have no result yet, newest first. */
export function OpenTasks({ tasks, judgedAt }: { tasks: readonly OpenTask[]; judgedAt: number }) {
  if (!tasks.length) return null;
  return (
    <section aria-labelledby="tasks-title">
      <h3 id="tasks-title" className="label">
        Open tasks <span className="label-count">{tasks.length}</span>
      </h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <ul className="well tasks" tabIndex={0} aria-labelledby="tasks-title">
        {tasks.map((task) => (
          <TaskLine key={`${task.id} ${task.since}`} task={task} judgedAt={judgedAt} />
        ))}
      </ul>
    </section>
  );
}

function TaskLine({ task, judgedAt }: { task: OpenTask; judgedAt: number }) {
  const now = useEngineNow();
  const tag = idleTag(task.idle);
  return (
    <li className="task" title={[task.title ?? task.id, task.id, idleWords(task.idle, now)].join('\n')}>
      <span className="task-title">{task.title ?? task.id}</span>
      <span className="task-state">
        {task.state}
        {tag && ` · ${tag}`}
      </span>
      <span className="fact-age">
        <Age ageMs={task.since === null ? null : judgedAt - task.since} judgedAt={judgedAt} />
      </span>
    </li>
  );
}
