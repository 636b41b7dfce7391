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

/** `shown`: JSON, cut where it is long. Texts and lists of them stand there as a person would write them. */
function plain(shown: string): string {
  if (Object.hasOwn(PLAIN, shown)) return PLAIN[shown] as string;
  const texts = textsIn(shown);
  return texts ? texts.join(', ') : shown;
}

function textsIn(shown: string): string[] | null {
  try {
    const values = [JSON.parse(shown)].flat();
    return values.every((each) => typeof each === 'string') ? values : null;
  } catch {
    return null; // It was cut.
  }
}
