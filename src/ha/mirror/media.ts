/** Files that rows name: a picture that a person sent is a file beside the transcript, and the row says only its name. */
import { fieldAt } from '../fields.ts';
import type { Row } from './model.ts';

/** A part of a file. */
export interface FilePart {
  /** Base64. */
  readonly data: string;
  /** Of the whole file, in bytes. */
  readonly size: number;
}

/** The files of one gateway, by the names that rows have for them. */
export interface FileStore {
  /** Which of these are not there. */
  missing(names: readonly string[]): Promise<readonly string[]>;
  /** The part from `offset` on, `partBytes` at most; null: there is no such file. */
  read(name: string, offset: number): Promise<FilePart | null>;
  /** Takes the part at `offset`; parts come in order, and the file is there with its last one. */
  write(name: string, offset: number, part: FilePart): Promise<void>;
}

/** So much of a file goes into one message. */
export const partBytes = 192 * 1024;

const inbound = 'media://inbound/';
const plain = /^[\w-][\w.-]{0,199}$/u;

/** The names of the files that these rows name. A name is one plain file name: never a path. */
export function filesOf(rows: readonly Row[]): readonly string[] {
  const names = rows.flatMap((row) => {
    const media = fieldAt(fieldAt(row['message'], '__openclaw'), 'media');
    if (!Array.isArray(media)) return [];
    return media.flatMap((each: unknown) => {
      const url = fieldAt(each, 'url');
      if (typeof url !== 'string' || !url.startsWith(inbound)) return [];
      const name = url.slice(inbound.length);
      return isFileName(name) ? [name] : [];
    });
  });
  return [...new Set(names)];
}

/** Whether a name is one plain file name. */
export function isFileName(name: string): boolean {
  return plain.test(name);
}
