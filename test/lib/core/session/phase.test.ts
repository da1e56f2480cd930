import test from 'ava';
import type { Member } from '../../../../src/lib/core/session/member.js';
import type { FoundSession } from '../../../../src/lib/core/session/needs.js';
import { Phase, type ResetUnderWay } from '../../../../src/lib/core/session/phase.js';

/** Nothing of them is looked at. */
const found = {} as FoundSession;
const host = {} as Member;
const other = {} as Member;

function resetOf(resetter: Member): ResetUnderWay {
  const nothing = () => {};
  return {
    resetter,
    receive: nothing,
    restart: nothing,
    complete: nothing,
    cancel: nothing,
    drop: nothing,
    handOver: () => ({ id: 1, frames: [], count: 0, activeAgo: 0 }),
  };
}

function running(): Phase {
  const phase = new Phase(undefined);
  phase.begin();
  return phase;
}

test('a new session waits for the canvas of its host, then runs', (t) => {
  const phase = new Phase(undefined);
  t.true(phase.isInitializing);
  t.is(phase.uploader, undefined);
  t.true(phase.hostArrived(host));
  t.is(phase.host, host);
  t.is(phase.uploader, host);
  t.true(phase.begin());
  t.true(phase.isRunning);
  t.is(phase.host, undefined);
  t.is(phase.uploader, undefined);
});

test('a stored session has no host and is not reset before it runs', (t) => {
  const phase = new Phase(found);
  t.false(phase.hostArrived(host));
  t.false(phase.beginReset(resetOf(host)));
  t.is(phase.state.name, 'stored');
  t.true(phase.begin());
  t.true(phase.isRunning);
});

test('a session that runs does not begin again', (t) => {
  const phase = running();
  t.false(phase.begin());
  t.false(phase.hostArrived(host));
  t.true(phase.isRunning);
});

test('one reset at a time; only the one that is under way ends it', (t) => {
  const phase = running();
  const first = resetOf(host);
  const second = resetOf(other);
  t.true(phase.beginReset(first));
  t.is(phase.uploader, host);
  t.is(phase.resetOf(host), first);
  t.is(phase.resetOf(other), undefined);
  t.false(phase.beginReset(second));
  t.false(phase.endReset(second));
  t.is(phase.reset, first);
  t.true(phase.endReset(first));
  t.true(phase.isRunning);
  t.false(phase.endReset(first));
});

test('a session that ended does not run again, whatever was under way', (t) => {
  for (const prepare of [() => new Phase(found), () => new Phase(undefined), running]) {
    const phase = prepare();
    const reset = resetOf(host);
    phase.beginReset(reset);
    phase.end();
    t.false(phase.endReset(reset));
    t.false(phase.begin());
    t.false(phase.hostArrived(host));
    t.false(phase.beginReset(reset));
    t.true(phase.isEnded);
    t.is(phase.uploader, undefined);
  }
});
