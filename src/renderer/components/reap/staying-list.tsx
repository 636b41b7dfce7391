import { firstRows } from '../../logic/reap-words';
import { DirectoryName } from './directory-name';

/** Directories that are still there, each with the reason. */
export function StayingList({ directories }: { directories: readonly { name: string; path: string; why: string }[] }) {
  const { shown, rest } = firstRows(directories);
  return (
    <ul className="spared">
      {shown.map(({ name, path, why }) => (
        <li key={path} title={path}>
          <DirectoryName name={name} path={path} />
          <span className="why">{why}</span>
        </li>
      ))}
      {rest !== null && <li className="dim">{rest}</li>}
    </ul>
  );
}
