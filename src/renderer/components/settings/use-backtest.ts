import { useEffect, useState } from 'react';
import type { SettingsView } from '../../../shared/ipc';
import { useApp } from '../../context';
import { type BacktestShown, endedSooner, settingsAfter } from '../../logic/backtest-gate';
import { errorWords } from '../../state/store';

/** Whoever types has paused for so long. */
const SETTLED_MS = 250;

/** What the settings as edited would have done, wherever they end workers sooner than those in force. */
export interface EditedBacktest {
  shown: BacktestShown;
  /** The person has said that these settings may hold all the same. */
  consents: boolean;
  consent(consents: boolean): void;
}

/** Null: nothing would be ended sooner, or what was edited is wrong. */
export function useBacktest(view: SettingsView | null, patch: Record<string, unknown>): EditedBacktest | null {
  const { bridge } = useApp();
  const [found, setFound] = useState<{ asked: string; shown: BacktestShown } | null>(null);
  const [consented, setConsented] = useState<string | null>(null);
  const after = view && settingsAfter(view.settings, patch);
  const isSooner = view && after && endedSooner(view.settings, after).length > 0;
  const asked = isSooner ? JSON.stringify(patch) : null;

  useEffect(() => {
    if (asked === null) return;
    let isCurrent = true;
    const show = (shown: BacktestShown) => isCurrent && setFound({ asked, shown });
    const timer = setTimeout(() => {
      bridge.invoke('policy.backtest', JSON.parse(asked)).then(
        (answer) => show(answer.ok ? { state: 'shown', report: answer.report } : { state: 'failed', ...answer }),
        (error) => show({ state: 'failed', reason: errorWords(error) }),
      );
    }, SETTLED_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [bridge, asked]);

  if (asked === null) return null;
  return {
    shown: found?.asked === asked ? found.shown : { state: 'looking' },
    consents: consented === asked,
    consent: (consents) => setConsented(consents ? asked : null),
  };
}
