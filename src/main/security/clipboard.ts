import { app } from 'electron';

/**
 * Keeps scripts from the system clipboard. By default Electron lets any page read and overwrite it with `execCommand`,
 * unasked and unfocused. Closed, a script cannot read it at all, and writes it only right after a real click or key
 * press (the Copy buttons); what a person does with the copy and paste keys or the menu needs no script, and works.
 * Must run before the app is ready, in the first turn of the main entry.
 */
export function closeClipboard(): void {
  app.commandLine.appendSwitch(
    'blink-settings',
    'DOMPasteAllowed=false,javaScriptCanAccessClipboard=false',
  );
}
