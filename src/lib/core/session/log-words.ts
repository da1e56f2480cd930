// TABLES of the words of the log (config.md §8): topics as they are stored and shown, levels as they are shown.

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

/** Most severe first. */
export const logLevelNames = { error: 'Error', warn: 'Warn', info: 'Info', debug: 'Debug' } as const;

export type LogLevel = keyof typeof logLevelNames;
