import { others } from './together.ts'

await others({ part: 1, of: 5 })
