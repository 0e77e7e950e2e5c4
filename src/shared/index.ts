export { emptyAppState } from './app-state.ts';
export type { AppState, Notice, PaneMode, PanelId } from './app-state.ts';
export { appError } from './errors.ts';
export type { AppError } from './errors.ts';
export { createTranslator } from './i18n/index.ts';
export type { Translate, WordKey } from './i18n/index.ts';
export { channels } from './ipc/channels.ts';
export type { Channels, Surface } from './ipc/channels.ts';
export { contract } from './ipc/contract.ts';
export type {
  Bridge,
  Call,
  Continuation,
  Contract,
  Diagnostics,
  Dialog,
  Draft,
  Event,
  OverlayState,
  PaletteCommand,
  PaneChange,
  PaneHead,
  Reply,
  Toast,
} from './ipc/contract.ts';
export { drillText } from './drill-text.ts';
export { layoutWindow, metrics, needsAttention } from './layout.ts';
export type { PaneLayout, Rect, WindowLayout } from './layout.ts';
export {
  checkDepths,
  domainColours,
  failoverEventKinds,
  failoverProfiles,
  nodeRoles,
  pairCommands,
} from './model.ts';
export type * from './model.ts';
export {
  emptyPairForm,
  filesWays,
  isAddress,
  isDomainName,
  isGitRemote,
  isResolver,
  isTlsFingerprint,
  isZoneId,
  pairFaults,
  pairSecrets,
  secretOf,
  stepsOf,
  tsigAlgorithms,
} from './pair-setup.ts';
export type * from './pair-setup.ts';
export type * from './pair-backup.ts';
export { isDrilling, pairObstacle } from './pair-obstacle.ts';
export { emptyTrustView } from './trust-view.ts';
export type * from './trust-view.ts';
export { becauseText, describeState, routeText } from './words.ts';
export type { NextStep, StateWords } from './words.ts';
