/** A request's body, read as JSON. */
export type JsonBody = Record<string, unknown>;

/** Below `/v1`: what these make depends on what was asked, and nothing is left behind upstream. */
const COMPUTING = new Set(['/chat/completions', '/completions', '/responses', '/embeddings', '/moderations']);

/** The upstream runs these tools' calls itself where they are of another type: with effects, and results of the moment. */
const CALLERS_TOOLS = new Set(['function', 'custom']);

/**
 * Whether a request may share its answer: somebody has named its model or its path, and it neither rests on what the
 * upstream has kept nor asks it to keep or do something.
 *
 * `chosen`: models and paths, `*` for anything. `path`: from `/v1` on, without a query. A model counts only where answers
 * are computed: with the same model jobs are begun and keys handed out, too.
 */
export function mayShare(chosen: readonly string[], path: string, body: JsonBody): boolean {
  const model = typeof body.model === 'string' ? body.model : null;
  const isComputing = COMPUTING.has(path.slice('/v1'.length));
  const isChosen = chosen.some((pattern) =>
    pattern.startsWith('/') ? matches(pattern, path) : isComputing && model !== null && matches(pattern, model),
  );
  return isChosen && !isBoundToState(body) && !runsTools(body);
}

/** Whether some request at this path may share its answer, its model not being known yet. */
export function mayShareAt(chosen: readonly string[], path: string): boolean {
  const isComputing = COMPUTING.has(path.slice('/v1'.length));
  return chosen.some((pattern) => (pattern.startsWith('/') ? matches(pattern, path) : isComputing));
}

function isBoundToState({ store, background, previous_response_id, conversation }: JsonBody): boolean {
  return store === true || background === true || isGiven(previous_response_id) || isGiven(conversation);
}

function runsTools({ tools, web_search_options }: JsonBody): boolean {
  if (isGiven(web_search_options)) return true;
  if (!Array.isArray(tools)) return isGiven(tools);
  return tools.some((tool) => !CALLERS_TOOLS.has((tool as { type?: string } | null)?.type ?? 'function'));
}

const isGiven = (value: unknown) => value !== undefined && value !== null;

function matches(pattern: string, text: string): boolean {
  const escaped = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${escaped.join('.*')}$`).test(text);
}
