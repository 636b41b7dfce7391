import type { SettingGroup } from '../../../shared/settings';

interface Props {
  groups: readonly SettingGroup[];
  /** The one that is being read. */
  current: SettingGroup;
  onGo: (group: SettingGroup) => void;
}

/** The groups of the page at a glance: a click goes there. */
export function GroupList({ groups, current, onGo }: Props) {
  return (
    <nav className="group-list" aria-label="Groups of settings">
      {groups.map((group) => (
        <button key={group} type="button" aria-current={group === current || undefined} onClick={() => onGo(group)}>
          {group}
        </button>
      ))}
    </nav>
  );
}
