import { type SettingKey, schemaOf, settingWords } from './schema';

/**
 * Read a setting written as text (environment, option): numbers and booleans by their type, objects and lists of them as
 * JSON, other lists as JSON or separated (paths by `:`, all else by `,`); `none` for no value. Text that does not fit is handed on as it is,
 * for mergeSettings to refuse.
 */
export function settingFromText(key: SettingKey, text: string): unknown {
  const schema = schemaOf(key);
  const types = (schema.anyOf ?? [schema]).map((s) => s.type);
  const trimmed = text.trim();
  if (types.includes('null') && trimmed === 'none') return null;
  const { list } = settingWords(key);
  if (types.includes('object') || (types.includes('array') && !list)) return parseJson(trimmed);
  if (list) return trimmed.startsWith('[') ? parseJson(trimmed) : trimmed.split(list.separator).filter(Boolean);
  if (types.includes('boolean') && (trimmed === 'true' || trimmed === 'false')) return trimmed === 'true';
  if ((types.includes('number') || types.includes('integer')) && trimmed !== '' && Number.isFinite(Number(trimmed))) {
    return Number(trimmed);
  }
  return text;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
