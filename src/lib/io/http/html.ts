// HTML that the server makes: text is always escaped.

import type { FastifyReply } from 'fastify';

/** Markup, which only `html` makes. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Html | readonly Html[] | undefined;

/** Markup with values in it. Texts are escaped, for elements and for attributes in double quotes. */
export function html(markup: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(
    markup.map((text, index) => (index === 0 ? text : partOf(values[index - 1]) + text)).join(''),
  );
}

function partOf(value: Part): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  return escapeHtml(String(value));
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The plain pages of the originals. */
export function sendHtml(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply
    .code(status)
    .type('text/html')
    .send(Buffer.from(`<html><body>${text}</body></html>`));
}

export function sendUnknownPage(reply: FastifyReply): FastifyReply {
  return sendHtml(reply, 404, '404 - Page not found');
}
