import { Type } from '@sinclair/typebox'
import type { TokenPair } from '../../src/core/credentials/sessions.ts'
import { TOKEN } from '../shapes.ts'
import { PersonSchema } from './schemas.ts'

export const TokensSchema = Type.Object({
  access: Type.String({ examples: [TOKEN] }),
  refresh: Type.String({ examples: [TOKEN] }),
  expiresIn: Type.Integer({ description: 'seconds that `access` counts' }),
}, { title: 'Tokens', description: 'The tokens of a session.' })

export const SignedInSchema = Type.Object({ person: PersonSchema, tokens: TokensSchema }, {
  title: 'SignedIn',
  description: 'The person, and the tokens of a new session.',
})

export const toTokens = ({ access, refresh }: TokenPair, expiresIn: number) => ({ access, refresh, expiresIn })
