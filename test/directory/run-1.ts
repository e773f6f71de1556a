import { together } from '../together.ts'

await together(import.meta.dirname, { part: 1, of: 2 })
