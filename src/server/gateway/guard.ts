import { badRequest, type Failure } from './failure';
import { headerOf, type RawHeaders } from './headers';

const OUR_NAMES = ['127.0.0.1', 'localhost', '[::1]'];

/**
 * Why a request is not served at all; null: it is. A web page must not speak for the person who has it open: a browser
 * names the page (`Origin`) or that it is another site's (`Sec-Fetch-Site`), and a name that was made to lead here
 * (DNS rebinding) stands in `Host`. Everyone else is known by the key they bring, which only the upstream can judge.
 */
export function whyRefused(headers: RawHeaders, port: number): Failure | null {
  const host = headerOf(headers, 'host')?.toLowerCase() ?? '';
  if (!OUR_NAMES.some((name) => host === `${name}:${port}`)) {
    const allowed = OUR_NAMES.map((name) => `${name}:${port}`).join(', ');
    return badRequest('wrong_host', `The gateway is asked for as ${allowed} alone.`, 403);
  }
  const site = headerOf(headers, 'sec-fetch-site');
  if (headerOf(headers, 'origin') !== null || (site !== null && site !== 'none')) {
    return badRequest('web_page', 'The gateway serves programs, not web pages.', 403);
  }
  if (/\bwebsocket\b/i.test(headerOf(headers, 'upgrade') ?? '')) {
    return badRequest('no_websocket', 'The gateway passes HTTP on, and no WebSocket: ask by HTTP.', 501);
  }
  return null;
}

/** The upstream is this gateway itself: a request would go round for ever. */
export function whyEndless(upstream: string | null, port: number): Failure | null {
  if (upstream === null) return null;
  const { hostname, port: upstreamPort, protocol } = new URL(upstream);
  const isOurs = OUR_NAMES.includes(hostname) && protocol === 'http:' && Number(upstreamPort || 80) === port;
  return isOurs ? badRequest('endless', 'The upstream is this gateway itself: set IDLEWATCH_UPSTREAM.', 508) : null;
}
