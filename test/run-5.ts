import { others } from './together.ts'

await others({ part: 5, of: 5 })
