/** The words of backups and of the way back to a single gateway, in English. Part of `en.ts`. */
export const pairBackupWords = {
  'backup.title': 'Backup first',
  'backup.intro':
    'Before anything is changed in a gateway on this computer, OpenClaw makes a backup of it and verifies it: settings, conversations, files, and its secrets too (auth profiles, tokens). It stays in the profile folder, where only your user may read it.',
  'backup.elsewhere':
    'The gateway on the other computer is backed up there: the commands for it begin with that.',
  'backup.waiting': '{{name}}: waits.',
  'backup.making': '{{name}}: {{size}} so far.',
  'backup.made': 'Backup of {{name}}: {{size}}, {{time}}, OpenClaw {{version}}',
  'backup.empty': '{{name}} has never run: there is nothing to back up.',
  'backup.failed': '{{name}}: {{words}}',
  'backup.cancel': 'Cancel the backup',
  'backup.show': 'Show in folder',
  'backup.how': 'How to restore: see the text file beside it.',
  'backup.without': 'Go on without a backup',
  'backup.without.detail':
    'Nothing could bring back the state of before. Only if you have a backup of your own.',
  'backup.running': 'A backup is being made already. Wait for it, or cancel it.',
  'backup.cancelled': 'The backup was cancelled; nothing was changed.',
  'backup.no-space':
    'No backup of {{name}} could be made, because the disk is full; nothing was changed. Make room and try again.',
  'backup.refused':
    'No backup of {{name}} could be made; nothing was changed. OpenClaw says: {{detail}}',
  'backup.no-runtime': 'No backup of {{name}} could be made; nothing was changed. {{detail}}',
  'backup.gone': 'This backup is not there any more.',
  'backup.notes.title': 'Backup of {{name}}, made on {{time}} by OpenClaw {{version}}',
  'backup.notes.secrets':
    'The archive holds conversations, auth profiles and tokens. Keep it where only you can read it.',
  'backup.notes.stop':
    'To go back to it: remove the protection of the pair in Switchyard, quit Switchyard, and end the gateway.',
  'backup.notes.unpack': 'Unpack it into a new folder (this changes nothing else):',
  'backup.notes.move': 'Move away what is there now, and put the unpacked parts in its place:',
  'backup.notes.start':
    'Start Switchyard. It writes the settings file of the gateway (openclaw.json) itself.',
  'join.backup': 'Back {{name}} up there, before anything is changed',
  'offer.show': 'Show a pairing code',
  'offer.code': 'Pairing code',
  'offer.how':
    'On the other computer, within {{minutes}} minutes: “Join a pair with a code” in its Switchyard, with the address {{place}}. Without a display: “npm run headless -- join {{code}}@{{place}}”. It gets what its guardian needs, and no token of a gateway. The code is good once; it is never sent.',
  'offer.taken': 'The other computer has what its guardian needs. The code is used up.',
  'offer.guessed':
    'Somebody tried wrong pairing codes, so the code is not good any more. Show a new one, and look who is in your network.',
  'offer.expired': 'The pairing code is too old now. Show a new one.',
  'offer.not-made': 'No code could be offered: {{detail}}',
  'single.keep': 'The gateway that stays',
  'single.keep.active': '{{name}} (active now)',
  'single.in-step': 'Both have the same conversations.',
  'single.apart.rows':
    '{{other}} and {{active}} are not the same yet: {{rows}} rows of {{conversations}} conversations are missing. Wait until they are, or say that you go on without them.',
  'single.apart.unknown':
    'It is not known whether both gateways have the same conversations: {{reason}} Wait until it is, or say that you go on without knowing.',
  'single.apart.conflicts':
    'Both gateways have something else in the same place, in: {{keys}}. Look at them in both, then say that you go on.',
  'single.anyway': 'Go on though they are not the same',
  'single.rows': 'Rows to go: {{rows}}.',
  'single.waiting': 'Waiting until both have the same.',
  'single.not-held': 'Nothing was changed, because the pair could not be held still: {{reason}}',
  'single.done':
    '{{name}} is a gateway by itself again: with its conversations, jobs and channels, and without the plugin.',
  'single.done.other':
    '{{name}} keeps its conversations too. Its jobs and channels stay off until you switch them on.',
  'single.there':
    'One thing is left on the other computer: run these commands there. Until then, do not start its guardian again.',
  'single.there.stop': 'End the guardian there; it must not take over any more',
  'single.there.off': 'Its jobs stay off, so that they run on {{name}} only',
  'single.there.on': 'Its jobs run there from now on',
  'single.there.channels': 'The same for each channel that it has (telegram, …)',
  'single.there.plugin': 'Switch the plugin off, and start its gateway again',
  'single.there.folder': 'The folder holds secrets',
  'command.wake': 'Switch jobs and channels of {{name}} on',
  'single.result': 'Single again',
  'single.read': 'Close',
  'single.woken': '{{name}} runs its jobs and channels again.',
} as const;
