// oxlint-disable-next-line import/no-unassigned-import -- it does its work by being loaded
import './needs-node.cjs'
import { setFlagsFromString } from 'node:v8'

// Most of what a start makes lives on. V8 would take that for a sign that the young generation needs all the room that it may
// have, and an idle process would keep 20 MB for nothing. Once it serves, that grows with what requests make, as always.
setFlagsFromString('--semi-space-growth-factor=1')
const { serve } = await import('./serve.ts')
await serve()
setFlagsFromString('--semi-space-growth-factor=2')
