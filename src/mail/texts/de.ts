import type { Catalogue } from './index.ts'

const GREETING = 'Hallo {{username}},'
const IGNORE = 'Wenn du das nicht angefordert hast, musst du nichts tun.'
const WARNING = 'Wenn du das nicht warst, stelle dein Konto jetzt wieder her:\nVielleicht kennt jemand anderes dein Passwort.'

export const DE: Catalogue = {
  'confirm-email': {
    subject: 'Bestätige deine E-Mail-Adresse',
    text: `${GREETING}\n\ndein Code lautet {{code}}. Er gilt drei Tage lang und nur einmal.\nDu kannst auch diesem Link folgen:\n\n{{link}}\n\n${IGNORE}`,
  },
  'change-email': {
    subject: 'Bestätige deine neue E-Mail-Adresse',
    text: `${GREETING}\n\num diese E-Mail-Adresse zu deiner zu machen, gib innerhalb eines Tages\nden Code {{code}} ein. Oder folge diesem Link:\n\n{{link}}\n\n${IGNORE}`,
  },
  'email-changed': {
    subject: 'Deine E-Mail-Adresse wurde geändert',
    text: `${GREETING}\n\ndein Konto hat jetzt eine andere E-Mail-Adresse: {{email}}\n\n${WARNING}`,
  },
  'revert-email': {
    subject: 'Deine E-Mail-Adresse wurde geändert',
    text: `${GREETING}\n\ndein Konto hat jetzt eine andere E-Mail-Adresse: {{email}}\n\nWenn du das nicht warst, mach die Änderung innerhalb von sieben Tagen\nrückgängig:\n\n{{link}}\n\nDamit gilt wieder deine alte Adresse, alle Sitzungen und API-Tokens enden,\nund du bekommst einen Code, mit dem du ein neues Passwort festlegst.\nDer Code zum Rückgängigmachen lautet {{code}}. Er gilt nur einmal.`,
  },
  'reset-password': {
    subject: 'Lege ein neues Passwort fest',
    text: `${GREETING}\n\num ein neues Passwort festzulegen, gib innerhalb einer Stunde\nden Code {{code}} ein. Oder folge diesem Link:\n\n{{link}}\n\n${IGNORE}`,
  },
  'password-changed': {
    subject: 'Dein Passwort wurde geändert',
    text: `${GREETING}\n\ndein Passwort wurde geändert, und alle anderen Sitzungen wurden beendet.\n\n${WARNING}`,
  },
  'sign-in-code': {
    subject: 'Dein Code zum Anmelden',
    text: `${GREETING}\n\ndein Code zum Anmelden lautet {{code}}. Er gilt fünf Minuten lang und nur einmal.\n\n${IGNORE}`,
  },
  'second-factor-changed': {
    subject: 'Dein zweiter Faktor wurde geändert',
    text: `${GREETING}\n\ndie Anmeldung mit einem zweiten Faktor wurde für dein Konto ein- oder ausgeschaltet.\n\n${WARNING}`,
  },
  'token-created': {
    subject: 'Ein neues API-Token für dein Konto',
    text: `${GREETING}\n\nfür dein Konto wurde ein neues API-Token erstellt. Wer es hat, kann alles tun,\nwas du tun kannst, bis es widerrufen wird oder abläuft.\n\n${WARNING}`,
  },
  'invitation': {
    subject: 'Lege dein Konto an',
    text: `${GREETING}\n\ndu bist eingeladen, ein Konto anzulegen. Dein Code lautet {{code}}.\nLöse ihn innerhalb von sieben Tagen ein, er gilt nur einmal.\nDu kannst auch diesem Link folgen:\n\n{{link}}\n\nWenn du keines möchtest, musst du nichts tun.`,
  },
}
