import type { Store } from '../../src/images/store/index.ts'
import type { Read } from './compare.ts'

/** Where a service can be: its settings, what names it as the place to move to, and how it is looked at past the service. */
export interface Place { name: string, settings: Record<string, string>, flags: string[], rows: Read, store: Store }
