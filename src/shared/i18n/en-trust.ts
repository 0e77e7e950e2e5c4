/** Words of directional trust: crossings, asks, grants, the boundary, the log. Those of the panel's first parts are in `en.ts`. */
export const trustWords = {
  'command.trust.cut': 'Cut all trust now',
  'tray.trust': 'Trust: {{from}} may ask {{to}}',
  'tray.trust.cut': 'Cut all trust now',

  'trust.allow.action': 'Let {{from}} ask {{to}}',
  'trust.revoke.action': 'Cut trust',
  'trust.disconnect.action': 'Disconnect {{domain}}',
  'trust.disconnected':
    'You disconnected it. Nothing of it is kept here until you connect it again.',
  'trust.disconnect.done':
    '{{domain}} is disconnected: trust is cut, its connections are closed ({{count}}), and their credentials are gone from this computer.',
  'trust.disconnect.none': 'There is no gateway of {{domain}} to disconnect.',
  'trust.disconnect.withdrawn': '{{gateway}} has withdrawn this app’s token.',
  'trust.disconnect.kept':
    '{{gateway}} did not withdraw this app’s token ({{detail}}): remove the device there.',
  'trust.not-connected': 'the gateway is not connected',

  'trust.ask.asks': '{{from}} wants to ask {{to}}',
  'trust.ask.tells': '{{from}} wants to tell {{to}}',
  'trust.ask.leaves': 'Every character that would leave, to {{gateway}}:',
  'trust.ask.purpose': 'Why, as the agent says (this does not leave):',
  'trust.ask.approve': 'Send exactly this',
  'trust.ask.decline': 'Refuse',
  'trust.ask.bytes': '{{bytes}} bytes',
  'trust.finding.secret': 'looks like a secret',
  'trust.finding.iban': 'an account number',
  'trust.finding.card': 'a card number',
  'trust.finding.home-path': 'a path on your computer',
  'trust.finding.email': 'an e-mail address',
  'trust.finding.canary': 'text that must never leave',
  'trust.finding.unreadable': 'too long to be looked through',
  'trust.finding.decoded': 'found after decoding: {{excerpt}}',

  'trust.grant':
    'Up to {{calls}} calls of {{bytes}} bytes each, {{total}} bytes in all, until {{time}}',
  'trust.grant.end': 'End all grants',
  'trust.grant.none': 'No grants: each question is put to you.',
  'trust.held': 'Answers that wait for you',
  'trust.held.give': 'Give to the agent',
  'trust.held.warning':
    'The agent will have read text that {{domain}} wrote. Its grants end, and each of its questions is put to you, until you clear this.',
  'trust.tainted': 'Agents of {{domain}} have read free text of another domain.',
  'trust.tainted.clear': 'They have begun anew',
  'trust.unfinished':
    'The app ended in the middle of {{count}} crossings: whether their text left is not known.',
  'trust.obstacle.policy':
    'Everything is denied, because the trust policy has a fault at line {{line}}: {{message}}',
  'trust.obstacle.rosters': 'Nothing may cross: {{message}}',

  'trust.tools': 'Tools of agents',
  'trust.tools.none': 'The agents of this gateway have nobody to ask.',
  'trust.tools.give': 'Give the agents of {{gateway}} the tools to ask {{to}}',
  'trust.tools.take': 'Take the tools away',
  'trust.tools.config':
    'This adds a tool server to the gateway’s configuration, and takes it out again when you say so.',
  'trust.tools.text':
    'Add this to the configuration of {{gateway}} yourself; its token is made new at each start of the app.',
  'trust.tools.way.socket': 'Only programs of your own user can reach the door for agents.',
  'trust.tools.way.http':
    'Agents reach this app by loopback HTTP with a token, because there can be no socket: any program on this computer can knock.',
  'trust.tools.way.closed': 'The door for agents is closed. {{problem}}',

  'trust.boundary': 'Boundary',
  'trust.boundary.strong':
    'Strong: no agent of personal runs as the user of this app, and secrets are in the {{keyring}}.',
  'trust.boundary.fair': 'Fair: {{why}}.',
  'trust.boundary.weak':
    'Weak: agents of {{names}} run as the user of this app. Their shell can read what the app can: its settings, its log, and on this system what it keeps in the keychain. For more, run that gateway as another user, in a container or on another computer.',
  'trust.boundary.unknown': 'Not known: there is no personal gateway yet.',
  'trust.boundary.why.keyring': 'there is no keychain ({{detail}})',
  'trust.boundary.why.place': 'it is not known as which user {{names}} runs',

  'trust.audit': 'Log',
  'trust.audit.unchecked': 'Not checked yet.',
  'trust.audit.holds': 'Checked {{time}}: {{records}} records, nothing altered, nothing missing.',
  'trust.audit.altered': 'Checked {{time}}: the log was altered. {{problem}}',
  'trust.audit.cut': 'Checked {{time}}: a part of the log is missing. {{problem}}',
  'trust.audit.unfinished':
    'Checked {{time}}: {{records}} records hold; a crossing is under way, or has no end.',
  'trust.audit.unreadable': 'Checked {{time}}: the log could not be read. {{problem}}',
  'trust.audit.verify': 'Check now',
  'trust.audit.export': 'Export',
  'trust.audit.exported': '{{records}} records are in {{path}}',
  'trust.audit.nothing': 'There is nothing to export yet.',

  'send.confirm': 'This includes text from {{source}}. Send to {{target}}?',
  'send.confirm.changed':
    'The text or its destination has changed since you were asked. Nothing was sent.',
  'gesture.needed': 'This needs a click or a key of yours in the window that asks.',
} as const;
