import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Database, Deed } from '../../db/index.ts'

/** What a listener is told: names of fields and never a value. */
interface Told extends Pick<Deed, 'actorId' | 'fields' | 'version' | 'at'> {
  event: Deed['what']
  /** Whose account. */
  id: number
}

export type Listener = (told: Readonly<Told>) => unknown

/** So many events may wait for a listener before the log says so, and says it again whenever they are twice as many. */
const BEHIND = 1_000

/** What one listener has not heard yet: of each person the last turn that was given away. */
interface Turns { ofPeople: Map<number, Promise<void>>, waiting: number, tolerated: number }

interface Needs { db: Pick<Database, 'listen'>, log?: { warn: (details: object, message: string) => void } | undefined }

/**
 * Tells listeners of what this process has committed: each of them once, what was done to one person in the order of the
 * commits and one after the other. Nobody waits for them but `settled`.
 */
export function createAnnouncements ({ db, log }: Needs) {
  const listeners = new Map<Deed['what'], Set<Listener>>()
  /** One listener never keeps another waiting. */
  const turns = new Map<Listener, Turns>()

  const isOn = (listener: Listener, { what }: Deed) => listeners.get(what)?.has(listener) === true

  async function tell (listener: Listener, deed: Deed): Promise<void> {
    if (!isOn(listener, deed)) return
    try {
      await listener(toldOf(deed))
    } catch (error) {
      log?.warn({ err: error, event: deed.what, person: deed.userId }, 'a listener failed')
    }
  }

  /** After what was told of this person before. */
  function tellInTurn (listener: Listener, deed: Deed, answered: Promise<unknown>): void {
    const { userId } = deed
    const ofListener = turns.get(listener) as Turns
    const { ofPeople } = ofListener
    const before = ofPeople.get(userId) ?? answered
    async function take (): Promise<void> {
      await before
      await tell(listener, deed)
      ofListener.waiting--
      if (ofPeople.get(userId) === turn) ofPeople.delete(userId)
    }
    const turn = take()
    ofPeople.set(userId, turn)
    if (++ofListener.waiting < ofListener.tolerated) return
    ofListener.tolerated *= 2
    log?.warn({ waiting: ofListener.waiting, event: deed.what, person: userId }, 'a listener is behind: what it has not heard yet is held in memory, and without limit')
  }

  db.listen((deeds) => {
    if (turns.size === 0) return
    // Whoever waits for the commit comes first.
    const answered = nextTurn()
    for (const deed of deeds) {
      for (const listener of listeners.get(deed.what) ?? []) tellInTurn(listener, deed, answered)
    }
  })

  return {
    /** Returns how to end it: from then on nothing is told, not even what was done before. */
    on (what: Deed['what'], listener: Listener): () => void {
      const ofEvent = listeners.get(what) ?? new Set()
      listeners.set(what, ofEvent.add(listener))
      if (!turns.has(listener)) turns.set(listener, { ofPeople: new Map(), waiting: 0, tolerated: BEHIND })
      return () => {
        ofEvent.delete(listener)
        if (![...listeners.values()].some((others) => others.has(listener))) turns.delete(listener)
      }
    },

    /** Resolves when everything that was committed has been told. */
    async settled (): Promise<void> {
      for (let waiting = underWay(); waiting.length > 0; waiting = underWay()) await Promise.all(waiting)
    },
  }

  function underWay (): Promise<void>[] {
    return [...turns.values()].flatMap(({ ofPeople }) => [...ofPeople.values()])
  }
}

const toldOf = ({ what: event, userId: id, actorId, fields, version, at }: Deed): Readonly<Told> => Object.freeze({ event, id, actorId, fields: Object.freeze([...fields]), version, at })
