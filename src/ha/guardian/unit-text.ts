/** Fills the templates of services in. Pure. */

export interface UnitValues {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** The user that a system service runs as. */
  readonly user: string;
}

/** Fills in a template of `resources/units`, quoted as its format wants it. */
export function fillUnit(
  template: string,
  format: 'systemd' | 'launchd',
  values: UnitValues,
): string {
  const command = values.command.map(quoteSystemd).join(' ');
  const argumentLines = values.command.map((word) => `<string>${escapeXml(word)}</string>`);
  const filled = format === 'systemd' ? command : '';
  return template
    .replaceAll('@COMMAND@', () => filled)
    .replaceAll('@ARGUMENTS@', () => argumentLines.join('\n      '))
    .replaceAll('@USER@', () => values.user);
}

/** One word of `ExecStart`: `%` begins a specifier there, `$` a variable. */
function quoteSystemd(word: string): string {
  const escaped = word
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('%', '%%')
    .replaceAll('$', () => '$$');
  return `"${escaped}"`;
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
