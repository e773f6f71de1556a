import type { Announcements } from '../../src/core/people/announcements.ts'
import type { Avatars } from '../../src/core/pictures/avatars.ts'
import type { Codes } from '../../src/core/sign-in/codes.ts'
import type { Cursors } from '../../src/core/seal/cursors.ts'
import type { Deletion } from '../../src/core/people/deletion.ts'
import type { Directory } from '../../src/core/directory/index.ts'
import type { EmailReversal } from '../../src/core/mail/email-reversal.ts'
import type { Emails } from '../../src/core/mail/emails.ts'
import type { Expiry } from '../../src/core/credentials/expiry.ts'
import type { Faces } from '../../src/core/pictures/faces.ts'
import type { Fsck } from '../../src/core/fsck/index.ts'
import type { Groups } from '../../src/core/directory/groups.ts'
import type { Invitations } from '../../src/core/people/invitations.ts'
import type { Keys } from '../../src/core/credentials/keys.ts'
import type { Limits } from '../../src/core/limits/index.ts'
import type { Mail } from '../../src/core/mail/index.ts'
import type { PasswordChange } from '../../src/core/sign-in/password-change.ts'
import type { Passwords } from '../../src/core/sign-in/passwords.ts'
import type { Presence } from '../../src/core/people/presence.ts'
import type { ProfileFields } from '../../src/core/fields/profile-fields.ts'
import type { History } from '../../src/core/people/history.ts'
import type { Health } from '../../src/core/health.ts'
import type { IsReserved } from '../../src/core/fields/reserved.ts'
import type { Refusals } from '../../src/core/sign-in/refusals.ts'
import type { SealReset } from '../../src/core/seal/seal-proof.ts'
import type { SearchIndex } from '../../src/core/directory/search-index.ts'
import type { SecondFactor } from '../../src/core/sign-in/second-factor.ts'
import type { SignInCodes } from '../../src/core/sign-in/sign-in-codes.ts'
import type { SignIn } from '../../src/core/sign-in/index.ts'
import type { Signatures } from '../../src/core/seal/signatures.ts'
import type { Tags } from '../../src/core/directory/tags.ts'
import type { Proof } from '../../src/core/sign-in/proof.ts'
import type { Users } from '../../src/core/people/users.ts'
import type { Database } from '../../src/db/open.ts'
import type { Images } from '../../src/images/open.ts'

/** Everything below the routes. */
export interface Core {
  db: Database
  images: Images
  passwords: Passwords
  users: Users
  /** Tells what is done to accounts. */
  announcements: Announcements
  /** What was done to accounts. */
  history: History
  /** What lists go on by. */
  cursors: Cursors
  directory: Directory
  avatars: Avatars
  /** The pictures that everybody may see, by whom they show. */
  faces: Faces
  groups: Groups
  tags: Tags
  profileFields: ProfileFields
  keys: Keys
  emails: Emails
  emailReversal: EmailReversal
  passwordChange: PasswordChange
  secondFactor: SecondFactor
  /** Fresh proof of who is in a session. */
  proof: Proof
  signIn: SignIn
  invitations: Invitations
  signInCodes: SignInCodes
  expiry: Expiry
  deletion: Deletion
  fsck: Fsck
  searchIndex: SearchIndex
  /** For a folder whose seal key is lost. */
  sealReset: SealReset
  mail: Mail
  /** Whether requests would be answered. */
  health: Health
  limits: Limits
  /** How many wait in each queue that all share. */
  queues: () => Promise<Record<'images' | 'hashes' | 'readers' | 'mail', number>>
  presence: Presence
  /** Sign-ins that were refused, until they are in the log. */
  refusals: Refusals
  /** Names that nobody can give to themselves. */
  isReserved: IsReserved
  /** For the addresses of pictures that not everybody may see. */
  signatures: Signatures
  /** Codes as they are mailed. */
  codes: Codes
  /** Makes the sizes of pictures from before there were any. Resolves to how many. */
  upgradePictures: () => Promise<number>
  /** Begins a stop: from now on no mail leaves, and after its time whatever waits is refused. Requests go on until `close`. */
  beginClose: () => void
  /** Ends it. The database closes, whatever holds up the others. */
  close: () => Promise<void>
}
