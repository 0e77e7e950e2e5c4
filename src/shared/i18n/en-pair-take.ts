/** The words of joining a pair of another computer, in English. Part of `en.ts`. */
export const pairTakeWords = {
  'take.panel': 'Join a pair',
  'take.open': 'Join a pair with a code',
  'take.title': 'Join a pair of another computer',
  'take.intro':
    'The pair is set up in the Switchyard of the other computer. There: Failover, the pair, More, “Show a pairing code”. Type here what it shows.',
  'take.address': 'Address of the other computer',
  'take.address.hint': 'Such as 10.0.0.11, or 10.0.0.11:18972 where a port is shown.',
  'take.code': 'Pairing code',
  'take.code.hint': '12 letters and digits. It is never sent.',
  'take.next': 'What happens then',
  'take.next.ask':
    'Switchyard asks that computer for the pair: its addresses and the secrets of its guardians, no token of a gateway. That uses the code up.',
  'take.next.show': 'You see what came. Nothing is written before you say so.',
  'take.next.left':
    'No gateway is changed and nothing is started. You get the commands for that at the end.',
  'take.ask': 'Ask for the pair',
  'take.asking': 'Asking {{address}}',
  'take.cancel': 'Cancel',
  'take.back': 'Back to Failover',
  'take.preview.title': 'Join “{{name}}”?',
  'take.preview.detail': 'This came, and is not written yet.',
  'take.here': 'This computer',
  'take.there': 'Other computer',
  'take.member': '{{name}}, {{role}}',
  'take.register': 'Register',
  'take.folder': 'Written to',
  'take.files': 'Files',
  'take.replaces':
    'An earlier join wrote there: its files are replaced, the token in them too. What its guardian remembers stays.',
  'take.unwanted': 'If you cancel, the code is used up all the same.',
  'take.write': 'Write the files',
  'take.writing': 'Writing',
  'take.done.title': 'This computer has what its guardian needs',
  'take.done.detail':
    '{{name}} is protected once the guardian runs here too. Two things are left for that.',
  'take.done.detail.one': '{{name}} is protected once the guardian runs here too.',
  'take.token': 'Enter the token of {{name}}',
  'take.token.detail.left':
    'The guardian looks into {{name}} with its token, which stays on this computer.',
  'take.token.given': 'The token of {{name}} is in its file.',
  'take.token.title': 'Token of {{name}}',
  'take.token.detail':
    'The gateway of this computer. It is written into a file that only your user may read, and goes nowhere else.',
  'take.commands': 'Run these commands on this computer',
  'take.cancelled': 'It was cancelled.',
  'take.nothing': 'Nothing is there to be written. Ask for the pair with a new code.',
  'take.other-version':
    'What came is not what the guardian of this version takes. Use the same version of Switchyard on both computers.',
} as const;
