import { others } from './together.ts'

await others({ part: 4, of: 5 })
