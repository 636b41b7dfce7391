const GROUPED = /^[1-9]\d{0,2}([,\s]\d{3})+$/;

/**
 * What text in a field means as a number: `600000`, `600,000` and `600 000`, and a decimal comma where the digits are
 * not grouped by threes. Text that is no number is handed on as it is, for the schema to refuse in its own words.
 */
export function numberFromText(text: string): number | string {
  const trimmed = text.trim();
  if (trimmed === '') return '';
  const plain = GROUPED.test(trimmed) ? trimmed.replace(/[,\s]/g, '') : trimmed.replace(',', '.');
  return Number.isFinite(Number(plain)) ? Number(plain) : text;
}

/** The numbers of a sentence with their digits in groups: `from 0 to 600,000`. */
export function groupDigits(words: string): string {
  return words.replace(/(?<![\d.])\d{4,}(?![\d.])/g, (digits) => Number(digits).toLocaleString('en'));
}
