import { harmless } from '../../shared/format';

/** For files of other programs: reading JSON that may be anything, and saying what was expected of it. */

/** `expected X, found Y`: the same words for all that has drifted. */
export function expected(what: string, found: unknown): string {
  return `expected ${what}, found ${shown(found)}`;
}

/** Any value of another program, for a sentence. */
export function shown(value: unknown): string {
  if (value === undefined) return 'none';
  if (typeof value === 'string') return `“${harmless(value, 60)}”`;
  return harmless(JSON.stringify(value) ?? typeof value, 60);
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined where the text is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A pid that can be a worker's. */
export function isPid(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 1 && value < 2 ** 31;
}

/** An absolute path of this or another system, of a length that a system takes. */
export function isAbsolutePath(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    value.length <= 4096 &&
    !value.includes('\0') &&
    /^(\/|[A-Za-z]:[\\/]|\\\\)/.test(value)
  );
}
