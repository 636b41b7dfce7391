import type { Snooze } from '../../../shared/ipc';
import type { WorkerRow } from '../../../shared/model';
import { useApp } from '../../context';
import { SNOOZE_WORDS } from '../../logic/session-words';
import { MenuButton } from '../menu-button';

const LENGTHS = Object.keys(SNOOZE_WORDS) as Exclude<Snooze, 'off'>[];

/** Hear no more of a worker for a while; each snooze ends when the worker changes. */
export function SnoozeMenu({ row }: { row: WorkerRow }) {
  const { actions } = useApp();
  const lengths = LENGTHS.map((snooze) => ({
    words: SNOOZE_WORDS[snooze],
    choose: () => actions.snooze(row.id, snooze),
  }));
  const end = { words: 'End the snooze', choose: () => actions.snooze(row.id, 'off') };
  return (
    <MenuButton
      title="Count it as seen for a while, at most until it changes"
      pressed={row.snoozed}
      items={row.snoozed ? [end, ...lengths] : lengths}
    >
      {row.snoozed ? 'Snoozed' : 'Snooze'}
    </MenuButton>
  );
}
