import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import test from 'ava';
import type { FastifyInstance } from 'fastify';
import { lazyApp } from '../../../../src/lib/io/http/http-listener.js';

interface Asked {
  request: IncomingMessage;
  response: ServerResponse;
}

function ask(url: string): Asked {
  const request = new IncomingMessage(new Socket());
  request.url = url;
  return { request, response: new ServerResponse(request) };
}

/** An app that notes what it is asked. */
function notingApp() {
  const asked: (string | undefined)[] = [];
  const built = {
    routing: ({ url }: IncomingMessage) => asked.push(url),
  } as unknown as FastifyInstance;
  return { app: lazyApp(async () => built), asked };
}

test('of requests that come at once one is answered in each turn, in their order', async (t) => {
  const { app, asked } = notingApp();
  for (const url of ['/first', '/second', '/third']) {
    const { request, response } = ask(url);
    app.answer(request, response);
  }
  const afterTurns: number[] = [];
  for (let turn = 0; turn < 4; turn++) {
    await endOfTurn();
    afterTurns.push(asked.length);
  }
  t.deepEqual(asked, ['/first', '/second', '/third']);
  t.true(afterTurns[0] !== undefined && afterTurns[0] <= 2);
  for (const [turn, count] of afterTurns.entries()) t.true(count - (afterTurns[turn - 1] ?? 1) <= 1);
});

test('a request after a pause is answered in the turn in which it comes', async (t) => {
  const { app, asked } = notingApp();
  const first = ask('/first');
  app.answer(first.request, first.response);
  for (let turn = 0; turn < 3; turn++) await endOfTurn();
  const later = ask('/later');
  app.answer(later.request, later.response);
  await Promise.resolve();
  t.deepEqual(asked, ['/first', '/later']);
});

test('who has gone while the request waited is not answered, the next one is', async (t) => {
  const { app, asked } = notingApp();
  const [first, gone, last] = [ask('/first'), ask('/gone'), ask('/last')] as const;
  for (const { request, response } of [first, gone, last]) app.answer(request, response);
  gone.response.destroy();
  for (let turn = 0; turn < 5; turn++) await endOfTurn();
  t.deepEqual(asked, ['/first', '/last']);
});
