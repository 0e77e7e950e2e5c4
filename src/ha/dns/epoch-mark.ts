/** The mark that carries the epoch beside a record, in whatever comment field the provider has. */

const markPattern = /\bswitchyard epoch=(\d{1,15})\b/u;

/** What is written: `switchyard epoch=7`. */
export function epochMark(epoch: number): string {
  return `switchyard epoch=${String(epoch)}`;
}

/** The epoch in a comment, or null where there is no mark of ours. */
export function readEpochMark(comment: string): number | null {
  const found = markPattern.exec(comment);
  return found?.[1] === undefined ? null : Number(found[1]);
}

/** A person's comment with our mark put in, or its old one replaced; the mark alone where both would be too long. */
export function withEpochMark(comment: string, epoch: number, maxLength: number): string {
  const mark = epochMark(epoch);
  const marked = markPattern.test(comment)
    ? comment.replace(markPattern, mark)
    : `${comment} ${mark}`.trim();
  return marked.length <= maxLength ? marked : mark;
}
