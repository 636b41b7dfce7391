import { askerWords } from '../shared/asker-words';
import { settingWords } from '../shared/settings';
import type { SettingsChange } from './settings-store';

/** `Settings changed from the window: Kill grace 5000 → 8000 ms; Local API on → off`. */
export function changeWords({ askedBy, changed }: SettingsChange): string {
  const where = askedBy === null ? 'in settings.json' : askerWords(askedBy);
  const words = changed.map(({ key, was, is }) => {
    const { title, unit } = settingWords(key);
    return `${title} ${plain(was)} → ${plain(is)}${unit ? ` ${unit}` : ''}`;
  });
  return `Settings changed ${where}: ${words.join('; ')}`;
}

const PLAIN: Record<string, string> = { true: 'on', false: 'off', null: 'none', '[]': 'none', '{}': 'none' };

function plain(shown: string): string {
  return Object.hasOwn(PLAIN, shown) ? (PLAIN[shown] as string) : shown;
}
