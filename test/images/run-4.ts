import { together } from '../together.ts'

await together(import.meta.dirname, { part: 4, of: 4 })
