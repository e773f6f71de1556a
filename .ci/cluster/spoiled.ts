// Histories that were seen, with a fault put in: whoever judges them as good judges nothing.
import { faults } from './history.ts'
import type { Operation } from './history.ts'

const isKnown = ({ verb, answered }: Operation): boolean => verb === 'write' && answered !== Infinity

/** Which faults are not seen in a history of two writes or more that ends with a read. */
export function unseen (history: readonly Operation[]): string[] {
  const end = Math.max(...history.map(({ sent }) => sent)) + 1
  const last = history.findLast(({ verb }) => verb === 'read')
  const write = history.find((operation) => isKnown(operation) && operation.value === last?.value)
  const before = write && history.find((operation) => isKnown(operation) && operation.answered < write.sent)
  if (write === undefined || before === undefined) return ['anything: too little was written']
  const twins: Record<string, Operation[]> = {
    'a read that was late by more than a write': [...history, { verb: 'read', value: before.value, sent: end, answered: end + 1 }],
    'a write that was acknowledged and dropped': history.map((operation) => operation.verb === 'read' && operation.value === write.value ? { ...operation, value: before.value } : operation),
    'a read of what nobody had written': [...history, { verb: 'read', value: -1, sent: end, answered: end + 1 }],
  }
  return Object.keys(twins).filter((name) => faults(twins[name] ?? [], 0).length === 0)
}
