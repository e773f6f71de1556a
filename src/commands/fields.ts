import type { Declaration, Service } from '../app.ts'
import { document, UsageError } from './command.ts'
import type { Command, Flags } from './command.ts'
import { listFlags, printRows } from './table.ts'

const PROGRESS = 1_000

const key = { type: 'string', says: 'what programs call it', required: true } as const
const dryRun = { type: 'boolean', says: 'only tells what it would meet' } as const
const rules = {
  type: { type: 'string', says: 'string, integer, phone_number, enum, url, email, checkbox' },
  label: { type: 'string', says: 'what people call it' },
  options: { type: 'string', says: 'the choices of an enum, separated by commas' },
  read: { type: 'string', says: 'who sees it: public, member, self' },
  write: { type: 'string', says: 'who changes it: self, staff, admin' },
} as const

export const fields: Record<string, Command> = {
  'fields list': {
    says: 'prints the declared profile fields',
    flags: listFlags,
    run: async ({ profileFields }, flags, means) => await printRows(means, flags, ['key', 'type', 'label', 'options', 'isMandatory', 'isEditable', 'isSearchable', 'read', 'write'], profileFields.list().map(toField)),
  },

  'fields create': {
    says: 'declares a profile field and prints it as JSON; unless told, a text that everybody sees and its owner changes',
    flags: {
      key,
      ...rules,
      mandatory: { type: 'boolean', says: 'new accounts need it, and nobody clears it' },
      'not-editable': { type: 'boolean', says: 'its owner gives it once' },
      searchable: { type: 'boolean', says: 'people are found by it' },
      'dry-run': dryRun,
    },
    async run ({ profileFields }, flags) {
      const { mandatory, 'not-editable': isFixed, searchable, 'dry-run': isDry } = flags
      const declaration = { key: String(flags.key), ...spoken(flags), isMandatory: mandatory === true, isEditable: isFixed !== true, isSearchable: searchable === true }
      if (isDry) return document(await profileFields.checkNew(declaration))
      const { OPERATOR } = await import('../app.ts')
      return document(toField(await profileFields.declare(OPERATOR, declaration)))
    },
  },

  'fields change': {
    says: 'changes what is said of a profile field, keeps the rest, and prints it as JSON',
    flags: {
      key,
      ...rules,
      mandatory: { type: 'string', says: 'yes or no' },
      editable: { type: 'string', says: 'yes or no' },
      searchable: { type: 'string', says: 'yes or no' },
      'dry-run': dryRun,
      force: { type: 'boolean', says: 'even if accounts hold what the new rules refuse' },
    },
    async run (core, flags) {
      const name = keyOf(core, flags)
      const declaration = { ...spoken(flags), ...claims(flags, { mandatory: 'isMandatory', editable: 'isEditable', searchable: 'isSearchable' }) }
      if (flags['dry-run']) return document(await core.profileFields.check(name, declaration))
      const { OPERATOR } = await import('../app.ts')
      return document(toField(await core.profileFields.change(OPERATOR, name, declaration, { force: flags.force === true })))
    },
  },

  'fields drop': {
    says: 'removes a profile field, and its values from all accounts',
    flags: { key, 'dry-run': dryRun },
    async run (core, flags, { note }) {
      const name = keyOf(core, flags)
      if (flags['dry-run']) return document(await core.profileFields.check(name, {}))
      const { OPERATOR } = await import('../app.ts')
      let told = 0
      const emptied = await core.profileFields.drop(OPERATOR, name, (count) => {
        if (count < told + PROGRESS) return
        told = count
        note(`removed from ${count} accounts`)
      })
      return { says: `${name} is removed, and from ${emptied} ${emptied === 1 ? 'account' : 'accounts'}`, json: { key: name, accounts: emptied } }
    },
  },
}

function keyOf (core: Service, { key }: Flags): string {
  const name = String(key)
  if (!core.profileFields.list().some((field) => field.key === name)) throw new UsageError(`there is no profile field called ${name}`)
  return name
}

/** A declared field in the words in which the native family takes one. */
const toField = ({ key, label, type, options, isMandatory, isEditable, isSearchable, read, write }: ReturnType<Service['profileFields']['list']>[number]) =>
  ({ key, label, type, options, isMandatory, isEditable, isSearchable, read, write })

/** The flags that say something, as they were typed: what is no good the core tells. */
function spoken ({ type, label, options, read, write }: Flags): Declaration {
  const said = Object.entries({ type, label, read, write }).filter(([, value]) => value !== undefined)
  return { ...Object.fromEntries(said), ...typeof options === 'string' && { options: options === '' ? [] : options.split(',') } }
}

function claims (flags: Flags, names: Record<string, keyof Declaration>): Declaration {
  return Object.fromEntries(Object.entries(names).filter(([flag]) => flags[flag] !== undefined).map(([flag, name]) => {
    const said = flags[flag]
    if (said !== 'yes' && said !== 'no') throw new UsageError(`--${flag} takes yes or no`)
    return [name, said === 'yes']
  }))
}
