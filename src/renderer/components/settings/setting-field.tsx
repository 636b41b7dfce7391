import { memo } from 'react';
import { allowedValues, defaultSettings, type SettingKey, settingWords } from '../../../shared/settings';
import { type Draft, fieldKind, isDefault, spokenLength, toDraft } from '../../logic/settings-form';

interface Props {
  settingKey: SettingKey;
  draft: Draft;
  changed: boolean;
  /** Set by the environment or an option: the file cannot change it now. */
  pinned: boolean;
  error: string | null;
  onEdit: (key: SettingKey, draft: Draft) => void;
}

/** One setting: its words, its field, its default and bounds, and its error. */
export const SettingField = memo(function SettingField(props: Props) {
  const { settingKey: key, draft, changed, pinned, error, onEdit } = props;
  const { title, description } = settingWords(key);
  const id = `setting-${key}`;
  return (
    <div className={changed ? 'setting setting-changed' : 'setting'}>
      <div className="setting-words">
        <label htmlFor={id}>{title}</label>
        <p id={`${id}-words`}>
          {description} <code>{key}</code>
        </p>
      </div>
      <div className="setting-value">
        <Field {...props} id={id} />
        <p className="setting-hint" id={`${id}-hint`}>
          {pinned ? 'Set by the environment or an option.' : hintOf(key)}
          {!pinned && !isDefault(key, draft) && (
            <button
              type="button"
              className="link"
              aria-label={`Reset ${title} to its default`}
              onClick={() => onEdit(key, toDraft(defaultSettings()[key]))}
            >
              Reset
            </button>
          )}
        </p>
        {error && (
          <p className="setting-error" id={`${id}-error`} role="alert">
            {error}
          </p>
        )}
      </div>
    </div>
  );
});

function Field({ id, settingKey: key, draft, pinned, error, onEdit }: Props & { id: string }) {
  const common = {
    id,
    disabled: pinned,
    'aria-describedby': `${id}-words ${id}-hint${error ? ` ${id}-error` : ''}`,
    'aria-invalid': error ? true : undefined,
  };
  if (typeof draft === 'boolean') {
    return (
      <input {...common} type="checkbox" checked={draft} onChange={(event) => onEdit(key, event.target.checked)} />
    );
  }
  if (fieldKind(key) === 'list') {
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
  }
  const spoken = spokenLength(key, draft);
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
      <span className="unit">
        {settingWords(key).unit ?? ''}
        {spoken && ` = ${spoken}`}
      </span>
    </span>
  );
}

/** `default 30 · a number from 1 to 86400 (s)` */
function hintOf(key: SettingKey): string {
  const initial = toDraft(defaultSettings()[key]);
  if (typeof initial === 'boolean') return `Default: ${initial ? 'on' : 'off'}.`;
  if (fieldKind(key) === 'list') return `Default: ${initial || 'none'}.`;
  return `Default ${initial || 'none'}; ${allowedValues(key)}.`;
}
