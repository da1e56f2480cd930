// Markup and style of the public page. core/session/public-view.ts decides its content, all of which is text that
// others have written. One file, no script, no external resources.

import { createHash } from 'node:crypto';
import { printable, printableLines } from '../../core/printable.js';
import { browserLink, drawpileLink } from '../../core/session/join-links.js';
import type { PublicFacts, PublicSession } from '../../core/session/public-view.js';
import { formatDateTime } from '../../core/units.js';
import { Html, html } from './html.js';

/** What the page says of the server, and what its links lead to. */
export interface ServerFacts {
  title: string;
  host: string;
  /** Of desktop clients. */
  port: number;
  /** Of browser clients. */
  webPort: number;
  rules: string;
  welcome: string;
  /** A page about logging in; '': there is none. */
  infoUrl: string;
  /** web.drawpile.net may connect. */
  takesBrowsers: boolean;
}

export interface Listing {
  sessions: readonly PublicSession[];
  /** Whether those that are not suitable for minors are among them. */
  showsNsfm: boolean;
  /** How many of these there are. */
  nsfmCount: number;
}

const listedAtMost = 200;
const namesAtMost = 40;
const textUnitsAtMost = { title: 200, name: 60, text: 4000 };

const style = `
:root{color-scheme:light dark;--back:#f5f5f2;--card:#fff;--ink:#1c1d1f;--soft:#5a5d63;--line:#d9d9d4;--mark:#0b62a8;--on-mark:#fff;--warn:#8a3b00}
@media (prefers-color-scheme:dark){:root{--back:#16181b;--card:#202327;--ink:#ececea;--soft:#a9adb4;--line:#383c42;--mark:#7cc0ff;--on-mark:#0a1a28;--warn:#ffb37a}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:46rem;margin:0 auto;padding:1.5rem 1rem 3rem}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0 1rem}
h2{font-size:1.15rem;margin:2rem 0 .5rem}
h3{font-size:1.05rem;line-height:1.35;margin:0}
h1,h3{overflow:hidden;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:6}
p{margin:.5rem 0}
a{color:var(--mark)}
.soft{color:var(--soft)}
.text{white-space:pre-line;max-height:24rem;overflow:auto}
.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem}
ul{list-style:none;margin:0;padding:0;display:grid;gap:.75rem}
.ways{display:flex;flex-wrap:wrap;gap:.5rem;margin:.75rem 0 0}
.way{display:inline-flex;align-items:center;min-height:44px;padding:.5rem 1rem;border:1px solid var(--mark);border-radius:.5rem;text-decoration:none;font-weight:600}
.first{background:var(--mark);color:var(--on-mark)}
.mark{display:inline-block;border:1px solid currentColor;border-radius:.3rem;padding:0 .4rem;font-size:.85rem;color:var(--warn)}
.lock{width:.85rem;height:.85rem;vertical-align:-.1rem}
figure{margin:0 0 .75rem}
figure img{display:block;max-width:100%;max-height:60vh;border:1px solid var(--line);border-radius:.4rem;background:#fff}
a:focus-visible,.text:focus-visible{outline:3px solid var(--mark);outline-offset:2px}
`;

const styleElement = () => new Html(`<style>${style}</style>`);

/** Drawn, because not every system has a letter for it. */
const lock = html`<svg class="lock" viewBox="0 0 16 16" aria-hidden="true"><path fill="currentColor" d="M4 7V5a4 4 0 0 1 8 0v2h1v8H3V7zm2 0h4V5a2 2 0 0 0-4 0z"/></svg>`;

/** The page may do nothing but look like something. */
export const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function frontPage(server: ServerFacts, listing: Listing | undefined): string {
  const name = nameOf(server);
  return page(
    name,
    html`<h1>${isolated(name)}</h1>
<p>This is a Drawpile server: people draw together here, in Drawpile or in a browser.</p>
${textBlock(server.welcome)}
<p class="ways">${ways(server)}</p>
<p class="soft">Address: ${isolated(drawpileLink(server.host, server.port))}</p>
${help(server)}
${server.rules === '' ? undefined : html`<h2>Rules</h2>\n${textBlock(server.rules)}`}
${listing && sessionList(server, listing)}`,
  );
}

/** `picture`: of the moment `at`, in milliseconds since 1970. */
export function sessionPage(
  server: ServerFacts,
  session: PublicSession,
  invite: string | undefined,
  picture: { readonly at: number; readonly etag: string } | undefined,
): string {
  // previews of links show it to whoever sees the link
  const title = session.isNsfm ? 'A session' : titleOf(session);
  return page(
    `${title} – ${nameOf(server)}`,
    html`<p><a href="/">${isolated(nameOf(server))}</a></p>
<h1>${isolated(titleOf(session))}</h1>
<div class="card">${picture && figure(session, picture)}${about(session, invite !== undefined)}
<p class="ways">${ways(server, session, invite)}</p></div>
${help(server)}
${server.rules === '' ? undefined : html`<h2>Rules</h2>\n${textBlock(server.rules)}`}`,
    'noindex',
  );
}

/** The tag in the address: another picture is another address. */
function figure({ name }: PublicSession, { at, etag }: { at: number; etag: string }): Html {
  const address = `/s/${encodeURIComponent(name)}/picture?v=${encodeURIComponent(etag.slice(1, 13))}`;
  return html`<figure><img src="${address}" alt="The canvas of this session">
<figcaption class="soft">The canvas at ${formatDateTime(at)} UTC</figcaption></figure>`;
}

export function unknownSessionPage(server: ServerFacts): string {
  return page(
    `No such session – ${nameOf(server)}`,
    html`<p><a href="/">${isolated(nameOf(server))}</a></p>
<h1>There is no such session</h1>
<p>It may have ended, the link may be incomplete, or an invite may be needed to see it. Ask whoever gave you the link for a new one.</p>`,
    'noindex',
  );
}

function page(title: string, content: Html, robots = 'index'): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="${robots}">
<title>${cut(printable(title), textUnitsAtMost.title)}</title>
${styleElement()}
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`.text;
}

function nameOf({ title, host }: ServerFacts): string {
  return title.trim() === '' ? host : title;
}

function titleOf({ title, name }: PublicSession): string {
  return title.trim() === '' ? name : title;
}

/** A text of somebody: its direction and its length end with it. */
function isolated(text: string, most = textUnitsAtMost.title): Html {
  return html`<bdi>${cut(printable(text), most)}</bdi>`;
}

function textBlock(text: string): Html | undefined {
  if (text.trim() === '') return undefined;
  const shown = cut(printableLines(text), textUnitsAtMost.text);
  return html`<div class="card text" dir="auto" tabindex="0">${shown}</div>`;
}

/** Not through the middle of a character. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most).replace(/[\ud800-\udbff]$/, '')}…`;
}

function ways(server: ServerFacts, session?: PublicSession, invite?: string): Html {
  const link = session && { ...session, invite };
  const opens = drawpileLink(server.host, server.port, link);
  // whoever has an invite may come by browser into every session
  const takesBrowsers = server.takesBrowsers && (!session || session.takesBrowsers || invite !== undefined);
  return html`<a class="way first" href="${opens}">${session ? 'Join in Drawpile' : 'Open in Drawpile'}</a>${
    takesBrowsers
      ? html`<a class="way" href="${browserLink(server.host, link, server.webPort)}" rel="noreferrer">${session ? 'Join in the browser' : 'Open in the browser'}</a>`
      : undefined
  }`;
}

function help({ infoUrl }: ServerFacts): Html {
  return html`<p class="soft">If nothing opens, install <a href="https://drawpile.net/download/" rel="noreferrer">Drawpile</a> first.${
    /^https?:\/\//i.test(infoUrl)
      ? html` About logging in: <a href="${infoUrl}" rel="noreferrer">${isolated(infoUrl)}</a>`
      : undefined
  }</p>`;
}

function about(session: PublicSession, hasInvite: boolean): Html {
  const { facts, hasPassword, isNsfm } = session;
  const marks = [
    ...(hasPassword ? [html`<span class="mark">${lock} password</span> `] : []),
    ...(isNsfm ? [html`<span class="mark">NSFM: not suitable for minors</span> `] : []),
    ...(facts?.isClosed ? [html`<span class="mark">closed or full</span> `] : []),
    ...(facts?.needsAccount ? [html`<span class="mark">accounts only</span> `] : []),
  ];
  return html`${marks.length === 0 ? undefined : html`<p>${marks}</p>`}${facts && numbers(facts)}${
    hasInvite ? html`<p>This link carries an invite: Drawpile uses it when you join.</p>` : undefined
  }`;
}

function numbers({ users, maxUsers, userNames, founder }: PublicFacts): Html {
  const rest = userNames.length - namesAtMost;
  const names = userNames
    .slice(0, namesAtMost)
    .map((name, index) => html`${index === 0 ? '' : ', '}${isolated(name, textUnitsAtMost.name)}`);
  return html`<p class="soft">${users} of ${maxUsers} users${
    founder === '' ? undefined : html`, hosted by ${isolated(founder, textUnitsAtMost.name)}`
  }</p>${
    names.length === 0
      ? undefined
      : html`<p class="soft">Here: ${names}${rest > 0 ? ` and ${rest} more` : ''}</p>`
  }`;
}

function sessionList(server: ServerFacts, { sessions, showsNsfm, nsfmCount }: Listing): Html {
  const rest = sessions.length - listedAtMost;
  const items = sessions.slice(0, listedAtMost).map(
    (
      session,
    ) => html`<li class="card"><h3><a href="/s/${encodeURIComponent(session.name)}">${isolated(titleOf(session))}</a></h3>
${about(session, false)}
<p class="ways">${ways(server, session)}</p></li>
`,
  );
  return html`<h2>Sessions</h2>
${items.length === 0 ? html`<p class="soft">There is none to show at the moment.</p>` : html`<ul>${items}</ul>`}
${rest > 0 ? html`<p class="soft">And ${rest} more: Drawpile shows them all.</p>` : undefined}
${
  nsfmCount === 0
    ? undefined
    : showsNsfm
      ? html`<p><a href="/">Hide sessions that are not suitable for minors</a></p>`
      : html`<p class="soft">${nsfmCount} not shown: not suitable for minors (NSFM). <a href="/?nsfm=show">Show</a></p>`
}`;
}
