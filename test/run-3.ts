import { others } from './together.ts'

await others({ part: 3, of: 5 })
