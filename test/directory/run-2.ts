import { together } from '../together.ts'

await together(import.meta.dirname, { part: 2, of: 2 })
