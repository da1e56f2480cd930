// TABLE of the levels of the log, most severe first, with the words that people and the originals' API see. Databases
// keep the place in the table. To add one: a row, and what is written with it.

export const logLevelNames = { error: 'Error', warn: 'Warn', info: 'Info', debug: 'Debug' } as const;

export type LogLevel = keyof typeof logLevelNames;

export const logLevels = Object.keys(logLevelNames) as LogLevel[];
