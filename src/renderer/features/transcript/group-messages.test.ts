import { expect, it } from 'vitest';

import type { TranscriptMessage } from '../../../shared/index.ts';
import { groupMessages } from './group-messages.ts';

const minuteMs = 60_000;
const message = (role: TranscriptMessage['role'], minute: number): TranscriptMessage => ({
  id: `${role}-${minute}`,
  role,
  text: '',
  atMs: minute * minuteMs,
  status: 'done',
  runId: null,
  because: null,
});
const dayOf = (atMs: number): string => String(Math.floor(atMs / (24 * 60 * minuteMs)));

it('leads with each change of role and after a pause', () => {
  const messages = [
    message('user', 0),
    message('assistant', 1),
    message('assistant', 2),
    message('assistant', 8),
  ];
  expect(groupMessages(messages, dayOf).map(({ leads }) => leads)).toEqual([
    true,
    true,
    false,
    true,
  ]);
});

it('starts a day at the first message and after midnight, even within a run', () => {
  const midnight = 24 * 60;
  const messages = [
    message('user', midnight - 1),
    message('user', midnight),
    message('user', midnight + 1),
  ];
  expect(groupMessages(messages, dayOf)).toEqual([
    { leads: true, startsDay: true },
    { leads: true, startsDay: true },
    { leads: false, startsDay: false },
  ]);
});
