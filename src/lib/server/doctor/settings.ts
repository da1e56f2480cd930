// Checks for settings and start options that contradict each other (core/settings/contradictions.ts).

import { contradictions } from '../../core/settings/contradictions.js';
import { type Finding, finding } from './catalogue.js';
import type { Examined } from './findings.js';

export function checkSettings(examined: Examined): Finding[] {
  const { settings, startup, accounts, listServerCount: listServers, store, sessions } = examined;
  const facts = { settings, startup, accounts, listServers, store, keepsSessions: sessions !== undefined };
  const found = contradictions.filter(({ applies }) => applies(facts));
  const findings = [
    ...examined.startProblems.map(({ message, hint }) =>
      finding('start-value-invalid', { problem: message, advice: hint }),
    ),
    ...found.map(({ code, level, text, fix }) => ({ code, subject: 'settings', level, text, fix })),
  ];
  return findings.length > 0 ? findings : [finding('no-contradictions', {})];
}
