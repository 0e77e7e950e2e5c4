export { openDatabase } from './database.node.ts';
export { homePaths, resolveHome } from './home.node.ts';
export type { HomePaths } from './home.node.ts';
export { readLines } from './read-lines.node.ts';
export { openVault } from './secret-vault.node.ts';
export type { Keyring } from './secret-vault.node.ts';
export { openSettingsFile, readSettings } from './settings-file.node.ts';
