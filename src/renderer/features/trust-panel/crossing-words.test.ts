import { describe, expect, it } from 'vitest';

import { createTranslator } from '../../../shared/index.ts';
import { crossingWhat, crossingWho } from './crossing-words.ts';
import type { CrossingNames } from './crossing-words.ts';

const t = createTranslator('en');
const names: CrossingNames = {
  domains: [
    { id: 'personal', name: 'Personal', colour: 'teal' },
    { id: 'work', name: 'Work', colour: 'indigo' },
  ],
  gateways: [{ id: 'cloud', name: 'Acme' }],
};

describe('crossingWho', () => {
  it.each([
    ['user', 'You'],
    ['app', 'Switchyard'],
    ['ext', 'Something outside'],
    ['gateway:work', 'Work gateway'],
    ['agent:personal', 'Agents of Personal'],
    ['gateway:gone', 'gone gateway'],
    ['constructor', 'constructor'],
  ])('calls %s “%s”', (principal, words) => {
    expect(crossingWho(t, { principal }, names)).toBe(words);
  });
});

describe('crossingWhat', () => {
  it.each([
    ['send', 'session:work', 'Message to Work'],
    ['send', 'session:gone', 'Message to gone'],
    ['announce', 'connection:work', 'Announcement to Work'],
    ['ask_work', 'session:work', 'Question to Work'],
    ['tell_work', 'session:work', 'Information to Work'],
    ['deliver_reply', 'agent:personal', 'Answer to Personal'],
    ['append', 'cloud', 'Conversation text from Acme'],
    ['refresh', 'cloud', 'Session update from Acme'],
    ['announce', 'cloud', 'Announcement from Acme'],
    ['ui_command', 'cloud', 'Interface command from Acme'],
    ['approve', 'cloud', 'Approval request from Acme'],
    ['pair', 'cloud', 'Pairing request from Acme'],
    ['invoke_host', 'cloud', 'Device command from Acme'],
    ['unknown', 'cloud', 'Event of unknown kind from Acme'],
    ['open_link', 'os', 'Link to open on this computer'],
    ['notify', 'os', 'Notification on this computer'],
    ['save_file', 'host', 'File to save on this computer'],
    ['change_policy', 'app', 'Policy change'],
    ['recover', 'app', 'Repair of this log'],
  ])('calls %s %s “%s”', (action, resource, words) => {
    expect(crossingWhat(t, { action, resource }, names)).toBe(words);
  });

  it('shows what it does not know as it was written down', () => {
    expect(crossingWhat(t, { action: 'teleport', resource: 'moon:1' }, names)).toBe(
      'teleport: moon:1',
    );
    expect(crossingWhat(t, { action: 'constructor', resource: 'app' }, names)).toBe('constructor');
  });
});
