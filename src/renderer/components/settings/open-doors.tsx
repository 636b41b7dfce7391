import type { DoorsStatus } from '../../../shared/ipc';
import type { SettingGroup } from '../../../shared/settings';

/** Where others reach the engine, in the group whose settings say so. */
export function OpenDoor({ group, doors }: { group: SettingGroup; doors: DoorsStatus }) {
  const url = group === 'Local API' ? doors.api : group === 'Gateway' ? doors.gateway : null;
  if (url === null) return null;
  return (
    <p className="open-door">
      Open at <span>{url}</span>
    </p>
  );
}

/** What keeps a door from being open as the settings say. */
export function DoorProblems({ problems }: { problems: readonly string[] }) {
  if (!problems.length) return null;
  return (
    <ul className="verdict verdict-amber">
      {problems.map((problem) => (
        <li key={problem}>{problem}</li>
      ))}
    </ul>
  );
}
