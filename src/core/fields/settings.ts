import type { FieldError } from '../errors.ts'

/**
 * How a person wants to be notified. The service notifies nobody itself: it keeps the wishes for the system around it.
 * The first choice of each is its default.
 */
export const SETTINGS = {
  qaFrequency: [-1, 0, 1],
  emailNotificationNotQa: [1, 0],
  mobileNotificationsScmty: [1, 0],
  showToastNotifications: [1, 0],
  toastNotificationsEmitSound: [1, 0],
} as const

export type Settings = { [K in keyof typeof SETTINGS]: number }
export type SettingChanges = { [K in keyof typeof SETTINGS]?: number }

/** All settings of an account, those that it never changed at their defaults. */
export function settingsOf ({ settings }: { settings: Record<string, number> }): Settings {
  return Object.fromEntries(Object.entries(SETTINGS).map(([name, [standard]]) => [name, settings[name] ?? standard])) as Settings
}

export function findingsOf (changes: SettingChanges = {}): FieldError[] {
  return Object.entries(changes).flatMap(([name, value]) => {
    const choices: readonly number[] = SETTINGS[name as keyof Settings]
    return choices.includes(value) ? [] : [{ field: name, code: 'invalid_choice', params: { value } } as const]
  })
}

/** What is stored after these changes. A zero with a sign is the same number, and would be another value. */
export const merged = (before: Record<string, number>, changes: SettingChanges): Record<string, number> =>
  Object.fromEntries(Object.entries({ ...before, ...changes }).map(([name, value]) => [name, value + 0] as const).sort(([a], [b]) => a < b ? -1 : 1))
