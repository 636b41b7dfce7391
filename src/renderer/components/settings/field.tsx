import { allowsNone, type SettingKey, settingWords } from '../../../shared/settings';
import { choicesOf, type Draft, fieldDraft, spokenLength } from '../../logic/settings-form';
import { HoursField } from './hours-field';
import { KeptAlive } from './kept-alive';
import { KindChecks } from './kind-checks';
import { MinutesTable } from './minutes-table';
import { PolicyTable } from './policy-table';
import { TaskLists } from './task-lists';

interface Props {
  settingKey: SettingKey;
  /** Of the field itself; the ids of its words, hint and error begin with it. */
  id: string;
  draft: Draft;
  pinned: boolean;
  error: string | null;
  onEdit: (key: SettingKey, draft: Draft) => void;
}

/** What a setting is edited with, by the kind of its value. */
export function Field({ settingKey: key, id, draft, pinned, error, onEdit }: Props) {
  const describedBy = `${id}-words ${id}-hint${error ? ` ${id}-error` : ''}`;
  const common = {
    id,
    disabled: pinned,
    'aria-describedby': describedBy,
    'aria-invalid': error ? true : undefined,
  };
  const group = {
    labelledBy: `${id}-title`,
    describedBy,
    disabled: pinned,
    refused: error !== null,
    onChange: (changed: Draft) => onEdit(key, changed),
  };
  const field = fieldDraft(key, draft);
  switch (field.kind) {
    case 'switch':
      return (
        <input
          {...common}
          type="checkbox"
          checked={field.draft}
          onChange={(event) => onEdit(key, event.target.checked)}
        />
      );
    case 'workers':
      return <KeptAlive {...group} ids={field.draft} />;
    case 'kinds':
      return <KindChecks {...group} kinds={field.draft} />;
    case 'minutesByKind':
      return <MinutesTable {...group} draft={field.draft} />;
    case 'policy':
      return <PolicyTable {...group} draft={field.draft} />;
    case 'taskLists':
      return <TaskLists {...group} drafts={field.draft} />;
    case 'hours':
      return <HoursField {...group} id={id} draft={field.draft} />;
    case 'list':
      return (
        <textarea
          {...common}
          className="field"
          rows={Math.min(6, Math.max(2, field.draft.split('\n').length))}
          placeholder={`${settingWords(key).list?.of ?? 'entries'}, one a line`}
          spellCheck={false}
          value={field.draft}
          onChange={(event) => onEdit(key, event.target.value)}
        />
      );
    case 'choice':
      return (
        <select {...common} className="field" value={field.draft} onChange={(event) => onEdit(key, event.target.value)}>
          {choicesOf(key).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      );
    case 'text':
      return (
        <input
          {...common}
          className="field"
          type="text"
          spellCheck={false}
          value={field.draft}
          placeholder="none"
          onChange={(event) => onEdit(key, event.target.value)}
        />
      );
    case 'number':
      return (
        <span className="number-field">
          <input
            {...common}
            className="field"
            type="text"
            inputMode="decimal"
            value={field.draft}
            placeholder={allowsNone(key) ? 'none' : undefined}
            onChange={(event) => onEdit(key, event.target.value)}
          />
          <NumberUnit settingKey={key} draft={field.draft} />
        </span>
      );
  }
}

function NumberUnit({ settingKey, draft }: { settingKey: SettingKey; draft: string }) {
  const spoken = spokenLength(settingKey, draft);
  return (
    <span className="unit">
      {settingWords(settingKey).unit ?? ''}
      {spoken && ` = ${spoken}`}
    </span>
  );
}
