/**
 * The names of every call between renderers and main, by surface. No library import: the sandboxed preload is made
 * of this file alone. `contract.ts` has the types and schemas; a type test holds the two together.
 */
export const channels = {
  /** The trusted window: lists, composer, panels. Sees all domains. */
  shell: {
    state: { get: 'invoke', changed: 'event' },
    composer: {
      load: 'invoke',
      preview: 'invoke',
      send: 'invoke',
      saveDraft: 'invoke',
      confirmation: 'invoke',
      confirm: 'invoke',
      take: 'event',
    },
    outbox: { retry: 'invoke', discard: 'invoke' },
    panes: { focus: 'invoke', setMode: 'invoke' },
    panel: { open: 'invoke' },
    gateways: { reconnect: 'invoke', askToken: 'invoke', start: 'invoke' },
    rules: { setEnabled: 'invoke', move: 'invoke' },
    trust: {
      recent: 'invoke',
      allow: 'invoke',
      revoke: 'invoke',
      disconnect: 'invoke',
      approve: 'invoke',
      decline: 'invoke',
      grant: 'invoke',
      endGrants: 'invoke',
      give: 'invoke',
      clearTaint: 'invoke',
      setAgentTools: 'invoke',
      agentToolsText: 'invoke',
      verify: 'invoke',
      exportLog: 'invoke',
    },
    pairs: {
      command: 'invoke',
      options: 'invoke',
      askSecret: 'invoke',
      test: 'invoke',
      save: 'invoke',
      join: 'invoke',
      files: 'invoke',
      chooseFiles: 'invoke',
      offer: 'invoke',
      take: 'invoke',
      cancelTake: 'invoke',
      writeTaken: 'invoke',
      askTakenToken: 'invoke',
      unprotect: 'invoke',
      backups: 'invoke',
      cancelBackup: 'invoke',
      showBackup: 'invoke',
    },
    palette: { open: 'invoke' },
    focus: { leave: 'invoke', enter: 'event' },
    diagnostics: { get: 'invoke', ping: 'invoke' },
  },
  /** One gateway's conversation. Sees that gateway alone; which one is decided by main from who asks. */
  view: {
    pane: { get: 'invoke', changed: 'event' },
    session: { select: 'invoke', create: 'invoke' },
    run: { stop: 'invoke' },
    link: { ask: 'invoke' },
    copied: { text: 'invoke' },
    focus: { leave: 'invoke', enter: 'event' },
  },
  /** Palette, dialogs and toasts, above all other views. */
  overlay: {
    overlay: { get: 'invoke', changed: 'event', close: 'invoke' },
    palette: { run: 'invoke' },
    dialog: { confirm: 'invoke' },
    toast: { dismiss: 'invoke' },
  },
} as const;

export type Channels = typeof channels;
export type Surface = keyof Channels;
