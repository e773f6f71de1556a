import { others } from './together.ts'

await others({ part: 2, of: 5 })
