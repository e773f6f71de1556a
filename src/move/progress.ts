/** How far it is: so many of so many, of one kind of thing. */
export interface Progress { step: 'pictures' | 'rows' | 'proof', done: number, of: number }
export type OnProgress = (progress: Progress) => void

/** What is behind a move, in this order; `stopped`: nobody writes at the old place from here on. */
export type Step = 'claimed' | 'pictures' | 'stopped' | 'rows' | 'shut' | 'opened'
