import { memo } from 'react';
import { defaultSettings, type SettingKey, settingWords } from '../../../shared/settings';
import { type Draft, draftOf, type FieldKind, fieldKind, hintOf, isDefault } from '../../logic/settings-form';
import { Field } from './field';

interface Props {
  settingKey: SettingKey;
  draft: Draft;
  changed: boolean;
  /** Set by the environment or an option: the file cannot change it now. */
  pinned: boolean;
  error: string | null;
  onEdit: (key: SettingKey, draft: Draft) => void;
}

/** A table or a list has no single field that its title could lead to. */
const WIDE: ReadonlySet<FieldKind> = new Set(['policy', 'workers', 'kinds', 'minutesByKind', 'taskLists']);

/** One setting: its words, its field, its default and bounds, and its error. */
export const SettingField = memo(function SettingField(props: Props) {
  const { settingKey: key, draft, changed, pinned, error, onEdit } = props;
  const { title, description } = settingWords(key);
  const id = `setting-${key}`;
  const isWide = WIDE.has(fieldKind(key));
  return (
    <div className={['setting', changed && 'setting-changed', isWide && 'setting-wide'].filter(Boolean).join(' ')}>
      <div className="setting-words">
        {isWide ? (
          <span className="setting-title" id={`${id}-title`}>
            {title}
          </span>
        ) : (
          <label htmlFor={id}>{title}</label>
        )}
        <p id={`${id}-words`}>
          {description} <code>{key}</code>
        </p>
      </div>
      <div className="setting-value">
        <Field settingKey={key} id={id} draft={draft} pinned={pinned} error={error} onEdit={onEdit} />
        <p className="setting-hint" id={`${id}-hint`}>
          {pinned ? 'Set by the environment or an option.' : hintOf(key)}
          {!pinned && !isDefault(key, draft) && (
            <button
              type="button"
              className="link"
              aria-label={`Reset ${title} to its default`}
              onClick={() => onEdit(key, draftOf(key, defaultSettings()))}
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
