interface Props {
  /** `22:00-07:00`; either half may be empty. */
  draft: string;
  id: string;
  describedBy: string;
  disabled: boolean;
  refused: boolean;
  onChange: (draft: string) => void;
}

/** From one time of day to another. */
export function HoursField({ draft, id, describedBy, disabled, refused, onChange }: Props) {
  const [from = '', until = ''] = draft.split('-');
  const common = {
    className: 'field',
    type: 'time',
    disabled,
    'aria-describedby': describedBy,
    'aria-invalid': refused || undefined,
  };
  const put = (first: string, second: string) => onChange(first || second ? `${first}-${second}` : '');
  return (
    <span className="hours">
      <input
        {...common}
        id={id}
        aria-label="Quiet hours from"
        value={from}
        onChange={({ target }) => put(target.value, until)}
      />
      <span className="dim">to</span>
      <input
        {...common}
        aria-label="Quiet hours until"
        value={until}
        onChange={({ target }) => put(from, target.value)}
      />
    </span>
  );
}
