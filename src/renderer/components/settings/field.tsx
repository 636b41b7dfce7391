import { type SettingKey, settingWords } from '../../../shared/settings';
import { choicesOf, type Draft, fieldKind, spokenLength } from '../../logic/settings-form';
import { KeptAlive } from './kept-alive';
import { PolicyTable } from './policy-table';

interface Props {
  settingKey: SettingKey;
  /** Of the field itself; the ids of its words, hint and error begin with it. */
  id: string;
  draft: Draft;
  pinned: boolean;
  error: string | null;
  onEdit: (key: SettingKey, draft: Draft) => void;
}

/** What a setting is edited with: a switch, a number, a list, a choice, or the policy's table. */
export function Field({ settingKey: key, id, draft, pinned, error, onEdit }: Props) {
  const describedBy = `${id}-words ${id}-hint${error ? ` ${id}-error` : ''}`;
  const common = {
    id,
    disabled: pinned,
    'aria-describedby': describedBy,
    'aria-invalid': error ? true : undefined,
  };
  if (typeof draft === 'boolean') {
    return (
      <input {...common} type="checkbox" checked={draft} onChange={(event) => onEdit(key, event.target.checked)} />
    );
  }
  if (Array.isArray(draft)) {
    return (
      <KeptAlive
        ids={draft}
        labelledBy={`${id}-title`}
        describedBy={describedBy}
        disabled={pinned}
        onChange={(ids) => onEdit(key, ids)}
      />
    );
  }
  if (typeof draft === 'object') {
    return (
      <PolicyTable
        draft={draft}
        labelledBy={`${id}-title`}
        describedBy={describedBy}
        disabled={pinned}
        refused={error !== null}
        onChange={(policy) => onEdit(key, policy)}
      />
    );
  }
  switch (fieldKind(key)) {
    case 'list':
      return (
        <textarea
          {...common}
          className="field"
          rows={Math.min(6, Math.max(2, draft.split('\n').length))}
          placeholder="one path a line"
          spellCheck={false}
          value={draft}
          onChange={(event) => onEdit(key, event.target.value)}
        />
      );
    case 'choice':
      return (
        <select {...common} className="field" value={draft} onChange={(event) => onEdit(key, event.target.value)}>
          {choicesOf(key).map(([value, words]) => (
            <option key={value} value={value}>
              {words}
            </option>
          ))}
        </select>
      );
    default:
      return (
        <span className="number-field">
          <input
            {...common}
            className="field"
            type="text"
            inputMode="decimal"
            value={draft}
            placeholder="none"
            onChange={(event) => onEdit(key, event.target.value)}
          />
          <NumberUnit settingKey={key} draft={draft} />
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
