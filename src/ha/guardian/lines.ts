/** Cuts a stream of text into lines. */
export interface LineReader {
  /** Takes in a piece of text; gives the lines that it completed, or null once a line is longer than allowed. */
  push(text: string): readonly string[] | null;
}

/** Makes a reader that gives up on lines longer than `maxLength` characters. */
export function createLineReader(maxLength: number): LineReader {
  let rest = '';
  return {
    push: (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      return rest.length > maxLength || lines.some((line) => line.length > maxLength)
        ? null
        : lines;
    },
  };
}
