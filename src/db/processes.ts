/** The servers that run on a database, of which one does what one is enough for. */
export interface Processes {
  /** How many there are, as of a few seconds ago; at least this one. */
  count: () => number
  /** Whether this is the one. Two may think so for a moment, when a connection was cut: what they do bears being done twice. */
  isLeader: () => boolean
  /** Is told whenever this one becomes it, and at once where it is. Must not throw. */
  onLead: (listener: () => void) => void
}

/** Of whoever has a database alone. */
export const ALONE: Processes = { count: () => 1, isLeader: () => true, onLead: (listener) => { listener() } }
