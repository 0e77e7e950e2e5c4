/**
 * Cuts markdown at blank lines outside of code fences, so that while an answer streams only its last block is parsed
 * again. The blocks together are the whole text; a construct that spans blank lines may look cut until the answer is done.
 */
export function markdownBlocks(text: string): readonly string[] {
  const blocks: string[] = [];
  let block: string[] = [];
  let fence: string | null = null;
  for (const line of text.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence === null && mark !== undefined) fence = mark;
    else if (fence !== null && mark?.startsWith(fence) === true && line.trim() === mark)
      fence = null;
    if (fence === null && line.trim() === '' && mark === undefined) {
      if (block.length > 0) blocks.push(block.join('\n'));
      block = [];
    } else {
      block.push(line);
    }
  }
  if (block.length > 0) blocks.push(block.join('\n'));
  return blocks;
}
