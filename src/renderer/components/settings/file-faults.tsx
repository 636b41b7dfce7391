import type { SettingError } from '../../../shared/settings';

/** What is wrong with the file or the environment: those values are not in force. */
export function FileFaults({ errors }: { errors: readonly SettingError[] }) {
  if (!errors.length) return null;
  return (
    <div className="verdict verdict-red">
      <p className="verdict-title tone-red">These values are not in force</p>
      <ul className="faults">
        {errors.map((error) => (
          <li key={`${error.from} ${error.key}`}>{error.message}</li>
        ))}
      </ul>
    </div>
  );
}
