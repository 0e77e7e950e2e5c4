export { addressOf, foldText } from './text-folding.ts';
export { panesOf } from './panes.ts';
export { compileRulePattern } from './rule-pattern.ts';
export type { RulePattern } from './rule-pattern.ts';
export { parseSettings, problemText, serialiseSettings } from './settings.ts';
export { defaultSettings } from './settings-schema.ts';
export type {
  GatewaySettings,
  ModelSettings,
  PairDns,
  PairPlace,
  PairRegister,
  PairSettings,
  PaneSettings,
  Settings,
  SettingsProblem,
  StoredDraft,
  TwoComputers,
} from './model.ts';
export type {
  AppDatabase,
  DraftStore,
  OutboxChange,
  OutboxStore,
  PaneSessionStore,
  RoleChange,
  RoleChangeStore,
  RouteStore,
  SecretVault,
  SettingsFile,
  StoredRoute,
} from './ports.ts';
