import { spoken } from '../../logic/settings-form';

interface Props {
  label: string;
  unit: 's' | 'ms' | 'min';
  value: string;
  disabled: boolean;
  invalid: boolean;
  placeholder?: string;
  onChange: (text: string) => void;
}

/** A length in a unit that stands beside or above it, and as one would say it. */
export function LengthField({ label, unit, value, disabled, invalid, placeholder, onChange }: Props) {
  const said = disabled ? null : spoken(value, unit);
  return (
    <span className="number-field">
      <input
        className="field"
        type="text"
        inputMode="decimal"
        aria-label={label}
        aria-invalid={invalid || undefined}
        disabled={disabled}
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <span className="unit">{said && `= ${said}`}</span>
    </span>
  );
}
