import t from 'tap'
import { OPERATOR } from '../../src/core/access.ts'
import { stepsDuring } from '../turns.ts'
import { openWorld } from './world.ts'

t.test('C5 very many leave a group a part at a time', async (t) => {
  const { groups, file } = await openWorld(t)
  const { id } = await groups.create(OPERATOR, { name: 'All' })
  file.pragma('foreign_keys = OFF')
  file.exec(`with recursive s (i) as (select 1 union all select i + 1 from s where i < 4500) insert into memberships (user_id, group_id) select 1000 + i, ${id} from s;
    insert into memberships (user_id, group_id) values (5, 77)`)
  const left = file.prepare('select count(*) from memberships where group_id = ?').pluck()

  const steps = await stepsDuring(() => groups.remove(OPERATOR, id), () => left.get(id) as number)
  t.ok(steps.length > 4 && steps.every((step) => step <= 1_000), `at most a thousand at a time: ${steps.join()}`)
  t.equal(left.get(77), 1, 'nobody else\'s')
  await t.rejects(groups.get(id), { message: 'not_found' })
  await t.rejects(groups.remove(OPERATOR, id), { message: 'not_found' })
})
