import { type FormEvent, useEffect, useRef, useState } from 'react';
import type { SettingError, SettingKey } from '../../../shared/settings';
import { useApp, useAppState } from '../../context';
import { type Draft, type Drafts, settingGroups, settingsPatch, toDraft } from '../../logic/settings-form';
import { errorWords } from '../../state/store';
import { Modal } from '../modal';
import { FileFaults } from './file-faults';
import { SettingField } from './setting-field';

/** Every setting of the schema, with its default, its bounds and what is wrong with it. */
export function SettingsDialog() {
  const { actions, bridge, store } = useApp();
  const view = useAppState((state) => state.settings);
  const [drafts, setDrafts] = useState<Drafts>({});
  const [errors, setErrors] = useState<SettingError[]>([]);
  const [note, setNote] = useState('');
  const [saving, setSaving] = useState(false);
  const close = useRef<HTMLButtonElement>(null);
  const leave = () => actions.showSettings(false);

  useEffect(() => {
    bridge.invoke('settings.get').then(
      (settings) => store.setState({ settings }),
      (error) => setNote(`The settings cannot be read: ${errorWords(error)}`),
    );
  }, [bridge, store]);

  const patch = view ? settingsPatch(view.settings, drafts) : {};
  const changed = Object.keys(patch).length;

  function edit(key: SettingKey, draft: Draft): void {
    setDrafts((before) => ({ ...before, [key]: draft }));
    setErrors((before) => before.filter((error) => error.key !== key));
    setNote('');
  }

  async function save(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!changed || saving) return;
    setSaving(true);
    try {
      const answer = await bridge.invoke('settings.set', patch);
      setErrors(answer.ok ? [] : answer.errors);
      setNote(answer.ok ? 'Saved; in force now.' : 'Not saved: nothing was changed.');
      if (answer.ok) {
        store.setState({ settings: answer.view });
        setDrafts({});
      }
    } catch (error) {
      setNote(`Not saved: ${errorWords(error)}`);
    } finally {
      setSaving(false);
    }
  }

  return (
    <Modal role="dialog" className="settings" labelledBy="settings-title" initialFocus={close} onCancel={leave}>
      <form className="settings-form" onSubmit={save} noValidate>
        <div className="modal-head">
          <h2 id="settings-title">Settings</h2>
          {view && <p className="settings-file">{view.file}</p>}
        </div>
        <div className="modal-body">
          {view && <FileFaults errors={[...view.errors, ...errors.filter((error) => !isFieldError(error))]} />}
          {view &&
            settingGroups().map(({ group, keys }) => (
              <fieldset key={group} className="setting-group">
                <legend>{group}</legend>
                {keys.map((key) => (
                  <SettingField
                    key={key}
                    settingKey={key}
                    draft={drafts[key] ?? toDraft(view.settings[key])}
                    changed={Object.hasOwn(patch, key)}
                    pinned={view.pinned.includes(key)}
                    error={errors.find((error) => error.key === key)?.message ?? null}
                    onEdit={edit}
                  />
                ))}
              </fieldset>
            ))}
        </div>
        <div className="modal-actions">
          <p aria-live="polite" className={errors.length ? 'tone-red' : 'dim'}>
            {note}
          </p>
          <button ref={close} type="button" className="button" onClick={leave}>
            Close
          </button>
          <button type="submit" className="button button-primary" disabled={!changed || saving}>
            Save {changed > 0 && `${changed} ${changed === 1 ? 'change' : 'changes'}`}
          </button>
        </div>
      </form>
    </Modal>
  );

  function isFieldError(error: SettingError): boolean {
    return view !== null && Object.hasOwn(view.settings, error.key);
  }
}
