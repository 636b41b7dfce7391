import { newTaskListDraft, type TaskListDraft, type TaskListField, taskListFaults } from '../../logic/task-list-form';

interface Props {
  drafts: readonly TaskListDraft[];
  labelledBy: string;
  describedBy: string;
  disabled: boolean;
  /** The whole was refused: the fields to blame are marked. */
  refused: boolean;
  onChange: (drafts: TaskListDraft[]) => void;
}

const FIELDS: { name: TaskListField; title: string; placeholder: string; wide?: true }[] = [
  { name: 'path', title: 'File', placeholder: 'path of a JSON, JSONL or SQLite file', wide: true },
  { name: 'table', title: 'Table', placeholder: 'of a SQLite file' },
  { name: 'stuckAfter', title: 'Stuck after (min)', placeholder: 'as for every task' },
  { name: 'id', title: 'Id column', placeholder: 'id' },
  { name: 'title', title: 'Title column', placeholder: 'title' },
  { name: 'state', title: 'State column', placeholder: 'state' },
  { name: 'lastActivity', title: 'Last activity column', placeholder: 'last_activity' },
  { name: 'intermediate', title: 'Not for long in', placeholder: 'states, separated by commas', wide: true },
  { name: 'final', title: 'Over in', placeholder: 'states, separated by commas', wide: true },
];

/** The files with tasks: a block of fields for each. */
export function TaskLists({ drafts, labelledBy, describedBy, disabled, refused, onChange }: Props) {
  const faults = refused ? taskListFaults(drafts) : null;
  const edit = (index: number, change: Partial<TaskListDraft>) =>
    onChange(drafts.map((draft, at) => (at === index ? { ...draft, ...change } : draft)));
  return (
    <div className="task-lists">
      <ul aria-labelledby={labelledBy} aria-describedby={describedBy}>
        {drafts.map((draft, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a list has no other name while its path is being written
          <li key={index} className="task-list">
            {FIELDS.map(({ name, title, placeholder, wide }) => (
              <label key={name} className={wide && 'task-list-wide'}>
                <span>{title}</span>
                <input
                  className="field"
                  type="text"
                  spellCheck={false}
                  disabled={disabled}
                  aria-label={`Task list ${index + 1}: ${title}`}
                  aria-invalid={faults?.has(`${index}.${name}`) || undefined}
                  placeholder={placeholder}
                  value={draft[name]}
                  onChange={({ target }) => edit(index, { [name]: target.value })}
                />
              </label>
            ))}
            <button
              type="button"
              className="link"
              disabled={disabled}
              aria-label={`Remove task list ${index + 1}`}
              onClick={() => onChange(drafts.filter((_, at) => at !== index))}
            >
              Remove
            </button>
          </li>
        ))}
      </ul>
      <button
        type="button"
        className="button"
        disabled={disabled}
        onClick={() => onChange([...drafts, newTaskListDraft()])}
      >
        Add a task list
      </button>
    </div>
  );
}
