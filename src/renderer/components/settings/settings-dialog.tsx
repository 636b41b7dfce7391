import { type FormEvent, Fragment, useRef } from 'react';
import type { SettingsView } from '../../../shared/ipc';
import { useApp } from '../../context';
import { draftOf, settingGroups } from '../../logic/settings-form';
import { Modal } from '../modal';
import { Backtest } from './backtest';
import { FileFaults } from './file-faults';
import { GroupList } from './group-list';
import { DoorProblems, OpenDoor } from './open-doors';
import { SettingField } from './setting-field';
import { useGroups } from './use-groups';
import { type SettingsForm, useSettingsForm } from './use-settings-form';

const GROUPS = settingGroups();

/** Every setting of the schema, with its default, its bounds and what is wrong with it. */
export function SettingsDialog() {
  const { actions, signOut } = useApp();
  const form = useSettingsForm();
  const close = useRef<HTMLButtonElement>(null);
  const leave = () => actions.showSettings(false);
  const changed = Object.keys(form.patch).length;
  const isLooking = form.backtest?.shown.state === 'looking';

  function onSubmit(event: FormEvent): void {
    event.preventDefault();
    void form.save();
  }

  return (
    <Modal role="dialog" className="settings" labelledBy="settings-title" initialFocus={close} onCancel={leave}>
      <form ref={form.ref} className="settings-form" onSubmit={onSubmit} noValidate>
        <div className="modal-head">
          <h2 id="settings-title">Settings</h2>
          {form.view && <p className="settings-file">{form.view.file}</p>}
        </div>
        {form.view && <Groups form={form} view={form.view} />}
        <div className="modal-actions">
          {signOut && (
            <button type="button" className="button sign-out" onClick={signOut}>
              Sign out
            </button>
          )}
          <p aria-live="polite" className={form.errors.length ? 'tone-red' : 'dim'}>
            {form.note}
          </p>
          <button ref={close} type="button" className="button" onClick={leave}>
            Close
          </button>
          <button type="submit" className="button button-primary" disabled={!changed || form.saving || isLooking}>
            Save {changed > 0 && `${changed} ${changed === 1 ? 'change' : 'changes'}`}
          </button>
        </div>
      </form>
    </Modal>
  );
}

function Groups({ form, view }: { form: SettingsForm; view: SettingsView }) {
  const { drafts, patch, errors, backtest, edit } = form;
  const { ref, current, onScroll, go } = useGroups('Watching');
  const homeless = errors.filter((error) => !Object.hasOwn(view.settings, error.key));
  return (
    <div className="settings-groups">
      <GroupList groups={GROUPS.map(({ group }) => group)} current={current} onGo={go} />
      <div ref={ref} className="modal-body" onScroll={onScroll}>
        <FileFaults errors={[...view.errors, ...homeless]} />
        <DoorProblems problems={view.doors.problems} />
        {GROUPS.map(({ group, keys }) => (
          <fieldset key={group} className="setting-group" data-group={group} tabIndex={-1}>
            <legend>{group}</legend>
            <OpenDoor group={group} doors={view.doors} />
            {keys.map((key) => (
              <Fragment key={key}>
                <SettingField
                  settingKey={key}
                  draft={drafts[key] ?? draftOf(key, view.settings)}
                  changed={Object.hasOwn(patch, key)}
                  pinned={view.pinned.includes(key)}
                  error={errors.find((error) => error.key === key)?.message ?? null}
                  onEdit={edit}
                />
                {key === 'endingPolicy' && backtest && <Backtest {...backtest} />}
              </Fragment>
            ))}
          </fieldset>
        ))}
      </div>
    </div>
  );
}
