import type { Catalogue } from './index.ts'

const GREETING = 'Hello {{username}},'
const IGNORE = 'If it was not you who asked for it, you need not do anything.'
const WARNING = 'If it was not you, recover your account now:\nsomebody else may know your password.'

export const EN: Catalogue = {
  'confirm-email': {
    subject: 'Confirm your email address',
    text: `${GREETING}\n\nyour code is {{code}}. It counts once, within three days.\nYou can also follow this link:\n\n{{link}}\n\n${IGNORE}`,
  },
  'change-email': {
    subject: 'Confirm your new email address',
    text: `${GREETING}\n\nto make this your email address, use the code {{code}} within a day.\nOr follow this link:\n\n{{link}}\n\n${IGNORE}`,
  },
  'email-changed': {
    subject: 'Your email address was changed',
    text: `${GREETING}\n\nyour account has another email address now: {{email}}\n\n${WARNING}`,
  },
  'revert-email': {
    subject: 'Your email address was changed',
    text: `${GREETING}\n\nyour account has another email address now: {{email}}\n\nIf it was not you, take the change back within seven days:\n\n{{link}}\n\nThis puts your old address back, ends all sessions and API tokens,\nand sends you a code to choose a new password.\nThe code for it is {{code}}. It counts once.`,
  },
  'reset-password': {
    subject: 'Choose a new password',
    text: `${GREETING}\n\nto choose a new password, use the code {{code}} within an hour.\nOr follow this link:\n\n{{link}}\n\n${IGNORE}`,
  },
  'password-changed': {
    subject: 'Your password was changed',
    text: `${GREETING}\n\nyour password was changed, and all other sessions were ended.\n\n${WARNING}`,
  },
  'sign-in-code': {
    subject: 'Your code to sign in',
    text: `${GREETING}\n\nyour code to sign in is {{code}}. It counts once, within five minutes.\n\n${IGNORE}`,
  },
  'second-factor-changed': {
    subject: 'Your second factor was changed',
    text: `${GREETING}\n\nsigning in with a second factor was turned on or off for your account.\n\n${WARNING}`,
  },
  'token-created': {
    subject: 'A new API token for your account',
    text: `${GREETING}\n\na new API token was made for your account. Whoever has it can do\nwhat you can do, until it is revoked or expires.\n\n${WARNING}`,
  },
  'invitation': {
    subject: 'You are invited to make an account',
    text: `${GREETING}\n\nyou are invited to make an account. Your code is {{code}}.\nIt counts once, within seven days. You can also follow this link:\n\n{{link}}\n\nIf you do not want one, you need not do anything.`,
  },
}
