import { createContext } from 'react';

/** What a message may do when it is clicked. */
export interface MessageActions {
  readonly askLink: (url: string) => void;
  /** Tells main what was put on the clipboard, so that the text keeps the label of its source. */
  readonly reportCopied: (text: string) => void;
}

export const MessageActionsContext = createContext<MessageActions | null>(null);
