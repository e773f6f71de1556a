import t from 'tap'
import { uphold } from './law.ts'

t.test('an update leaves the same row in every encoding and touches nothing else', (t) => uphold(t, 'personal', 'me'))
