import { TAG_TYPES } from '../../src/core/directory/tags.ts'
import type { TagFilter, TagOrder } from '../../src/core/directory/tags.ts'
import { flagOf, orderOf, textOf } from '../query.ts'

const ORDERS = { id: 'id', name: 'name', type: 'type', created_at: 'createdAt' } as const

/** Undefined when only deleted tags are wanted, of which there are none. */
export function tagFilterOf (query: object): TagFilter | undefined {
  if (flagOf(query, 'deleted') === true) return undefined
  const type = textOf(query, 'type')
  return {
    search: textOf(query, 'search'),
    type: TAG_TYPES.find((one) => one === type),
    isActive: flagOf(query, 'active'),
    isVisible: flagOf(query, 'visible'),
    visibilityBoost: flagOf(query, 'visibility_boost'),
  }
}

export const tagOrderOf = (query: object): TagOrder[] => orderOf(query, ORDERS).map(([by, direction]) => ({ by, isDescending: direction === 'desc' }))
