import { openService } from '../../src/app.ts'
import { loadConfig } from '../../src/config.ts'
import { sequence } from '../../test/seeded.ts'
import { addPeople } from '../people.ts'

const [GROUPS, TAGS, LARGE] = [200, 100, 3]
/** One of so many. */
const [NO_ADDRESS, SIGNED_IN, INACTIVE, STAFF, HIDDEN, PLACED, TAGGED] = [10, 3, 20, 5_000, 500, 8, 10] as const
const DAY_MS = 86_400_000

/** A data folder with so many people, of whom some have no address, are hidden, staff, inactive, somewhere, in groups or tagged. */
export async function fill (dataDir: string, accounts: number): Promise<void> {
  const core = await openService({ config: { ...loadConfig(), dataDir }, exclusive: true })
  const below = sequence(5)
  const one = (of: number): boolean => below(of) === 0
  const now = Date.now()
  try {
    await core.db.write(async (tx) => {
      for (let i = 0; i < GROUPS; i++) await tx.groups.insert({ name: `Group ${i * 7919 % GROUPS}`, notes: 'of the measurement', at: now })
      for (let i = 0; i < TAGS; i++) await tx.tags.insert({ type: 'user', name: `Tag ${i * 7919 % TAGS}`, description: null, color: '#808080', isActive: true, isVisible: true, visibilityBoost: false, createdAt: now + i })
    })
    await addPeople(core.db, accounts, async (tx, person, i) => {
      const { id } = await tx.users.insert({
        ...person,
        ...one(NO_ADDRESS) && { email: null },
        ...one(SIGNED_IN) && { lastLoginAt: now - below(100) * DAY_MS },
        isActive: !one(INACTIVE),
        isStaff: one(STAFF),
        ...one(PLACED) && { locationLatLng: `${below(180) - 90}.5,${below(360) - 180}.25` },
        ...one(HIDDEN) && { deletedAt: now },
      })
      // Some groups have very many people.
      await tx.users.replaceGroups(id, [1 + (one(2) ? below(LARGE) : below(GROUPS))])
      if (one(TAGGED)) await tx.tags.assign(id, 1 + (one(2) ? below(LARGE) : below(TAGS)))
      await tx.changes.insert({ userId: id, actorId: i > 0 && one(TAGGED) ? 1 + below(STAFF) : id, family: 'native', fields: ['bio'], dropped: [], version: 1, at: person.createdAt ?? 0 })
    })
  } finally {
    await core.close()
  }
}
