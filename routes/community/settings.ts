import { Type } from '@sinclair/typebox'
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { SETTINGS, settingsOf } from '../../src/core/fields/settings.ts'
import type { SettingChanges, Settings } from '../../src/core/fields/settings.ts'
import type { Account } from '../../src/core/people/users.ts'
import { findingsOf } from '../findings.ts'
import { rename } from '../names.ts'
import { loadTarget, onlySelf, optionsOf, senderOf, targetOf } from '../request.ts'
import { partial, withExample } from '../shapes.ts'

const NAMES = {
  qa_frequency: 'qaFrequency',
  email_notification_not_qa: 'emailNotificationNotQa',
  mobile_notifications_scmty: 'mobileNotificationsScmty',
  show_toast_notifications: 'showToastNotifications',
  toast_notifications_emit_sound: 'toastNotificationsEmitSound',
} as const satisfies Record<string, keyof Settings>

const WISHES: Record<keyof Settings, string> = {
  qaFrequency: 'mails about what happened: -1 at once, 1 every day, 0 never',
  emailNotificationNotQa: 'mails about private messages',
  mobileNotificationsScmty: 'push notifications',
  showToastNotifications: 'a popup for each notification',
  toastNotificationsEmitSound: 'a sound with the popup',
}
const setting = (name: keyof Settings) => withExample(Type.Unsafe<number>({ type: 'integer', enum: [...SETTINGS[name]], description: WISHES[name] }), SETTINGS[name][0])

const SettingsSchema = Type.Object({
  qa_frequency: setting('qaFrequency'),
  email_notification_not_qa: setting('emailNotificationNotQa'),
  mobile_notifications_scmty: setting('mobileNotificationsScmty'),
  show_toast_notifications: setting('showToastNotifications'),
  toast_notifications_emit_sound: setting('toastNotificationsEmitSound'),
}, { title: 'CommunitySettings', description: 'How the person wants to be notified.' })
const PatchSchema = partial(SettingsSchema.properties, { title: 'CommunitySettingsPatch' })

function toSettings (account: Account) {
  const settings = settingsOf(account)
  return {
    qa_frequency: settings.qaFrequency,
    email_notification_not_qa: settings.emailNotificationNotQa,
    mobile_notifications_scmty: settings.mobileNotificationsScmty,
    show_toast_notifications: settings.showToastNotifications,
    toast_notifications_emit_sound: settings.toastNotificationsEmitSound,
  }
}

/** How a person wants to be notified: kept here, followed by the system around the service. */
const settingRoutes: FastifyPluginAsyncTypebox = async (app) => {
  const { users } = app.core
  const response = { 200: SettingsSchema }

  function show (reply: FastifyReply, account: Account) {
    reply.version = account.version
    return toSettings(account)
  }

  app.get('/user/:id/settings/', {
    schema: { summary: 'Get settings', response },
    onRequest: [loadTarget, onlySelf],
  }, async (request, reply) => show(reply, targetOf(request)))

  app.patch('/user/:id/settings/', {
    config: { isConditional: true, names: NAMES, represent: { schema: SettingsSchema, show: toSettings }, collectsFindings: true },
    schema: { summary: 'Update settings', body: PatchSchema, response },
    onRequest: [loadTarget, onlySelf],
  }, async (request, reply) => {
    const errors = findingsOf(request)
    const settings = rename(request.body, NAMES) as SettingChanges
    const account = await users.edit(senderOf(request), targetOf(request).id, { settings }, { ...optionsOf(request), errors })
    return show(reply, account)
  })
}

export default settingRoutes
