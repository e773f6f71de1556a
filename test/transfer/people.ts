import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Readable } from 'node:stream'
import sharp from 'sharp'
import { OPERATOR } from '../../src/app.ts'
import type { Built } from '../helper.ts'
import { sequence } from '../seeded.ts'

/** Every file below a folder with its bytes. */
export const filesOf = (folder: string) => Object.fromEntries(readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name)).map((file) => [relative(folder, file), readFileSync(file).toString('base64')] as const).toSorted())

const TEXTS = ['', 'Ada', 'Zoë Ångström', 'line\nbreak', '"quoted" \\ and \u{1F600}', 'السلام', '  spaces  ', 'ﬁ', 'a\u0301', '0', 'null']

/** People with everything that a row can hold, hidden ones too. */
export async function populate ({ core }: Pick<Built, 'core'>, count: number): Promise<void> {
  const below = sequence(17)
  const text = () => TEXTS[below(TEXTS.length)] as string
  const groups = [await core.groups.create(OPERATOR, { name: 'Crew', notes: text() }), await core.groups.create(OPERATOR, { name: 'Équipe' })]
  const tag = await core.tags.create(OPERATOR, { name: 'Expert', type: 'user', color: '#aabbcc' })
  await core.profileFields.declare(OPERATOR, { key: 'shoe', type: 'integer', read: 'member', isSearchable: true })
  await core.db.write(async (tx) => {
    for (let i = 0; i < count; i++) {
      const id = i + 1 + Math.floor(i / 100)
      await tx.users.insert({
        id, username: `person-${i}`, email: below(4) === 0 ? null : `Person.${i}@Exämple.com`, passwordHash: below(3) === 0 ? null : `$argon2id$${i}`, realName: text(), firstName: text(), bio: text(),
        phone: below(3) === 0 ? `+49 ${i}` : null, gender: (['male', 'female', 'non-binary', 'unspecified'] as const)[below(4)] as 'male', dateOfBirth: below(2) === 0 ? '1815-12-10' : null,
        attributes: below(2) === 0 ? { shoe: below(99), company_name: text() } : {}, visibility: below(3) === 0 ? { bio: 'self' } : {}, settings: below(3) === 0 ? { qaFrequency: 1 } : {},
        isActive: below(9) > 0, isStaff: below(20) === 0, isFoundByEmail: below(2) === 0, emailConfirmed: below(2) === 0, role: below(30) === 0 ? 'editor' : null, extId: below(5) === 0 ? `ext-${i}` : null,
        reputation: below(1_000), version: 1 + below(9), createdAt: 1_000 + i, updatedAt: 2_000 + i, lastLoginAt: below(2) === 0 ? 3_000 + i : null, deletedAt: below(12) === 0 ? Date.now() - below(9_999) : null,
      })
      if (below(3) === 0) await tx.users.replaceGroups(id, groups.slice(below(2)).map((group) => group.id))
      await tx.changes.insert({ userId: id, actorId: below(2) === 0 ? null : 1, family: 'staff', fields: ['bio'], dropped: [], version: 1, at: 4_000 + i })
    }
  })
  const { id } = await core.users.create(OPERATOR, { username: 'pictured', isAdmin: true }, { family: 'operator' })
  await core.db.write((tx) => tx.tags.assign(id, tag.id))
  for (const background of ['teal', 'tomato']) {
    const bytes = await sharp({ create: { width: 300, height: 200, channels: 3, background } }).jpeg().toBuffer()
    const staged = { avatar: await core.images.stage('avatar', Readable.from([bytes])), cover: await core.images.stage('cover', Readable.from([bytes])) }
    await core.users.edit(OPERATOR, id, { ...staged, cuts: { avatar: { focus: [0.5, -0.5] } }, alts: { avatar: `a ${background} field` } }, { family: 'operator' })
  }
  await core.keys.create(id, { name: 'sync' })
  const gone = await core.users.create(OPERATOR, { username: 'gone' }, { family: 'operator' })
  await core.deletion.remove(OPERATOR, gone.id, () => {}, { family: 'operator' })
}
