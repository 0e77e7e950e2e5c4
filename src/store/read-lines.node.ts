import { createReadStream } from 'node:fs';

/**
 * The lines of a text file, in constant memory, without their ends. Only line feeds end a line: `readline` also splits at
 * U+2028, which may stand inside a JSON string. Rejects with the system's error.
 */
export async function* readLines(path: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield withoutReturn(line);
  }
  if (rest !== '') yield withoutReturn(rest);
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}
