import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { headerOf } from './headers';
import type { AnswerHead } from './upstream';

/** An answer that is larger than this when unpacked is not looked into, and not remembered. */
const UNPACKED_MAX_BYTES = 64 * 1024 * 1024;

const limited = { maxOutputLength: UNPACKED_MAX_BYTES };
const UNPACK: Record<string, (packed: Buffer) => Promise<Buffer>> = {
  identity: async (plain) => plain,
  gzip: (packed) => promisify(gunzip)(packed, limited),
  deflate: (packed) => promisify(inflate)(packed, limited),
  br: (packed) => promisify(brotliDecompress)(packed, limited),
};

/**
 * Whether an answer that came to its end says itself that it is whole: streams tell of their end, and errors come in
 * answers that began well. What cannot be read is not whole.
 */
export async function saysItIsWhole({ headers }: AnswerHead, body: Buffer): Promise<boolean> {
  const type = headerOf(headers, 'content-type')?.toLowerCase() ?? '';
  const unpack = UNPACK[headerOf(headers, 'content-encoding')?.toLowerCase() ?? 'identity'];
  const isStream = type.startsWith('text/event-stream');
  if (!isStream && !/^application\/(?:[\w.-]+\+)?json\b/.test(type)) return true;
  try {
    const text = (await unpack?.(body))?.toString('utf8');
    if (text === undefined) return false;
    return isStream ? isWholeStream(text) : isWholeJson(JSON.parse(text));
  } catch {
    return false;
  }
}

/** Chat completions end with `[DONE]`, responses with an event that says how they ended. */
function isWholeStream(text: string): boolean {
  const events = text.split(/\r?\n\r?\n/);
  if (events.some((event) => /^event: ?error\b/m.test(event) || /^data: ?\{\s*"error"/m.test(event))) return false;
  const last = events.filter((event) => event.trim() !== '').at(-1) ?? '';
  return /^data: ?\[DONE\]\s*$/m.test(last) || /^data: ?\{.*"type": ?"response\.completed"/m.test(last);
}

/** `status` is of responses; other answers have none. */
function isWholeJson(value: unknown): boolean {
  const { error, status } = value as { error?: unknown; status?: unknown };
  return (error === undefined || error === null) && (status === undefined || status === 'completed');
}
