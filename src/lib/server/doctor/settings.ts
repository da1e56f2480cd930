// Settings and start options that contradict each other (core/settings/contradictions.ts).

import { contradictions } from '../../core/settings/contradictions.js';
import type { Examined, Finding } from './findings.js';

export function checkSettings(examined: Examined): Finding[] {
  const { settings, startup, accounts, listServerCount: listServers, store, sessions } = examined;
  const facts = { settings, startup, accounts, listServers, store, keepsSessions: sessions !== undefined };
  const found = contradictions.filter(({ applies }) => applies(facts));
  const subject = 'settings';
  const findings: Finding[] = [
    ...examined.startProblems.map(({ message, hint }) => ({
      subject,
      level: 'problem' as const,
      text: message,
      ...(hint !== undefined && { fix: hint }),
    })),
    ...found.map(({ level, text, fix }) => ({ subject, level, text, fix })),
  ];
  return findings.length > 0 ? findings : [{ subject, level: 'ok', text: 'no contradictions' }];
}
