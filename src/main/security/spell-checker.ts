import { app } from 'electron';

/**
 * Keeps Chromium's spell checker from fetching a dictionary: for every session it asks a server of Google's, also where no
 * page checks spelling, and not through the filter of requests. macOS checks by itself and fetches nothing.
 * Must run before the first session is there, in the first turn of the main entry.
 */
export function closeSpellChecker(): void {
  app.on('session-created', (session) => {
    if (process.platform !== 'darwin') session.setSpellCheckerLanguages([]);
  });
}
