export { endOfRun } from './fate.ts';
export { createOutbox } from './outbox.ts';
export type { NewMessage, Outbox, OutboxOptions } from './outbox.ts';
export { createPaneChat } from './pane-chat.ts';
export type { PaneChat, PaneChatChange, PaneChatOptions, PaneChatState } from './pane-chat.ts';
export type { ActiveGateway, ChatGateway } from './ports.ts';
