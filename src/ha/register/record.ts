/** A register's record as a value, and as the text of a file. Also part of the plugin's bundle: nothing large is imported. */
import type { RegisterRecord } from '../model.ts';

/** Whether two records are the same value; registers compare by value, never by identity. */
export function sameRecord(left: RegisterRecord | null, right: RegisterRecord | null): boolean {
  if (left === null || right === null) return left === right;
  return (
    left.epoch === right.epoch &&
    left.holder === right.holder &&
    left.ctr === right.ctr &&
    left.addr === right.addr
  );
}

/** What a register's file holds. */
export function registerText({ epoch, holder, ctr, addr }: RegisterRecord): string {
  return `${JSON.stringify({ version: 1, epoch, holder, ctr, addr })}\n`;
}

/** Reads what `registerText` wrote; null when it is damaged. */
export function parseRegisterText(content: string): RegisterRecord | null {
  let fields: Readonly<Record<string, unknown>>;
  try {
    fields = Object(JSON.parse(content)) as Readonly<Record<string, unknown>>;
  } catch {
    return null;
  }
  const { version, epoch, holder, ctr, addr } = fields;
  const isRecord =
    version === 1 &&
    isCounter(epoch) &&
    isCounter(ctr) &&
    typeof holder === 'string' &&
    holder !== '' &&
    typeof addr === 'string';
  return isRecord ? { epoch, holder, ctr, addr } : null;
}

function isCounter(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}
