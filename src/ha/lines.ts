/** Cuts a stream of text into lines. */
export interface LineReader {
  /** Takes in a piece of text; gives the lines that it completed, or null once a line is longer than allowed. */
  push(text: string): readonly string[] | null;
}

/** Makes a reader that gives up on lines longer than `maxLength` characters. */
export function createLineReader(maxLength: number): LineReader {
  // Joined once, when the line is whole: a long line comes in thousands of pieces.
  let parts: string[] = [];
  let length = 0;
  return {
    push: (text) => {
      const lines: string[] = [];
      const pieces = text.split('\n');
      for (const [index, piece] of pieces.entries()) {
        parts.push(piece);
        length += piece.length;
        if (length > maxLength) return null;
        if (index === pieces.length - 1) break;
        lines.push(parts.join(''));
        parts = [];
        length = 0;
      }
      return lines;
    },
  };
}
