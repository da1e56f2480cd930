// TABLE of the log topics (config.md §8), as they are stored and shown. core/log-levels.ts has the levels.

export const logTopics = [
  'Join',
  'Leave',
  'Kick',
  'Ban',
  'Unban',
  'Op',
  'Deop',
  'Mute',
  'Unmute',
  'Trust',
  'Untrust',
  'BadData',
  'RuleBreak',
  'PubList',
  'Status',
  'ClientInfo',
  'ExtBan',
  'BanImpEx',
  'AdminChat',
  'Invite',
  'Report',
] as const;

export type LogTopic = (typeof logTopics)[number];

const unitsAtMost = 4000;

/** What people send may be long; what the log keeps of it is not. */
export function clipLogText(text: string): string {
  return text.length > unitsAtMost ? `${text.slice(0, unitsAtMost)}…` : text;
}
