import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import type { SettingsView } from '../../../shared/ipc';
import type { SettingError, SettingKey } from '../../../shared/settings';
import { useApp, useAppState } from '../../context';
import { obstacleTo } from '../../logic/backtest-gate';
import { type Draft, type Drafts, settingsPatch } from '../../logic/settings-form';
import { errorWords } from '../../state/store';
import { type EditedBacktest, useBacktest } from './use-backtest';

/** The settings page's state: what is in force, what was edited, and what came of saving it. */
export interface SettingsForm {
  ref: RefObject<HTMLFormElement | null>;
  view: SettingsView | null;
  drafts: Drafts;
  /** What saving now would change. */
  patch: Record<string, unknown>;
  errors: SettingError[];
  /** How the last save went, in words. */
  note: string;
  saving: boolean;
  /** What must be seen before this can be saved: whom it would have ended. Null: nobody sooner than now. */
  backtest: EditedBacktest | null;
  edit(key: SettingKey, draft: Draft): void;
  save(): Promise<void>;
}

export function useSettingsForm(): SettingsForm {
  const { bridge, store } = useApp();
  const view = useAppState((state) => state.settings);
  const ref = useRef<HTMLFormElement>(null);
  const [drafts, setDrafts] = useState<Drafts>({});
  const [errors, setErrors] = useState<SettingError[]>([]);
  const [refusals, setRefusals] = useState(0);
  const [note, setNote] = useState('');
  const [saving, setSaving] = useState(false);

  useEffect(() => {
    bridge.invoke('settings.get').then(
      (settings) => store.setState({ settings }),
      (error) => setNote(`The settings cannot be read: ${errorWords(error)}`),
    );
  }, [bridge, store]);

  // What was refused may be far from the Save button.
  useEffect(() => {
    if (refusals > 0) ref.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus();
  }, [refusals]);

  const edit = useCallback((key: SettingKey, draft: Draft) => {
    setDrafts((before) => ({ ...before, [key]: draft }));
    setErrors((before) => before.filter((error) => error.key !== key));
    setNote('');
  }, []);

  const patch = view ? settingsPatch(view.settings, drafts) : {};
  const backtest = useBacktest(view, patch);

  async function save(): Promise<void> {
    if (saving || !Object.keys(patch).length) return;
    const obstacle = backtest && obstacleTo(backtest.shown, backtest.consents);
    if (obstacle !== null) {
      setNote(obstacle);
      ref.current?.querySelector<HTMLElement>('.consent input')?.focus();
      return;
    }
    setSaving(true);
    try {
      const answer = await bridge.invoke('settings.set', patch);
      if (answer.ok) {
        store.setState({ settings: answer.view });
        setDrafts({});
        setErrors([]);
        setNote('Saved; in force now.');
      } else {
        setErrors(answer.errors);
        setRefusals((count) => count + 1);
        setNote('Not saved: nothing was changed.');
      }
    } catch (error) {
      setNote(`Not saved: ${errorWords(error)}`);
    } finally {
      setSaving(false);
    }
  }

  return { ref, view, drafts, patch, errors, note, saving, backtest, edit, save };
}
