import { together } from '../together.ts'

await together(import.meta.dirname, { part: 3, of: 4 })
