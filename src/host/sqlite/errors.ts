const BUSY = 5;
const LOCKED = 6;
const READ_ONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;

const NO_SPACE_LEFT = 28;
const SYSTEM_WORDS = new Map([
  [1, 'not permitted'],
  [13, 'permission denied'],
  [NO_SPACE_LEFT, 'no space is left on its disk'],
  [30, 'its file system is read-only'],
]);

/** What SQLite's errors carry beside their message. */
interface SqliteError extends Error {
  errcode: number;
  systemErrno?: number;
}

function sqliteError(error: unknown): SqliteError | null {
  const own = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return own instanceof Error && 'errcode' in own ? (own as SqliteError) : null;
}

/** The kind of failure, without its finer distinctions; 0 where it is none of SQLite's. */
function kindOf(error: unknown): number {
  return (sqliteError(error)?.errcode ?? 0) & 0xff;
}

/** Somebody else is writing: worth another try. */
export function isBusy(error: unknown): boolean {
  return kindOf(error) === BUSY || kindOf(error) === LOCKED;
}

/** What the file holds is no database, or not a whole one. */
export function isDamage(error: unknown): boolean {
  return kindOf(error) === CORRUPT || kindOf(error) === NOT_A_DATABASE;
}

/** The file cannot be opened as it is meant to be: for writing, or with the files SQLite keeps beside it. */
export function isClosedToUs(error: unknown): boolean {
  return kindOf(error) === CANNOT_OPEN || kindOf(error) === READ_ONLY;
}

/** The same failure as a sentence (without its full stop) that names the file; the original is its `cause`. */
export function inWords(error: unknown, file: string): Error {
  const own = sqliteError(error);
  return own ? new Error(wordsOf(own, file), { cause: own }) : (error as Error);
}

function wordsOf(error: SqliteError, file: string): string {
  const system = error.systemErrno ? SYSTEM_WORDS.get(error.systemErrno) : undefined;
  switch (kindOf(error)) {
    case BUSY:
    case LOCKED:
      return `${file} is locked by another program`;
    case READ_ONLY:
      return `${file} cannot be written: it is read-only`;
    case FULL:
      return `${file} cannot be written: ${SYSTEM_WORDS.get(NO_SPACE_LEFT)}`;
    case CORRUPT:
    case NOT_A_DATABASE:
      return `${file} is damaged (${error.message})`;
    case CANNOT_OPEN:
      return `${file} cannot be opened: ${system ?? error.message}`;
    case IO_ERROR:
      return `${file} cannot be read or written: ${system ?? error.message}`;
    default:
      return `${file}: ${error.message}`;
  }
}
