/** The texts there are; what stands in them is the transport's business. */
export type Template = 'confirm-email' | 'change-email' | 'email-changed' | 'revert-email' | 'reset-password' | 'password-changed' | 'sign-in-code' | 'second-factor-changed' | 'token-created' | 'invitation'

export interface Message {
  template: Template
  to: string
  /** What the text names: always `username`; `code` where there is one; `email` for an address other than `to`. */
  params: { username: string, code?: string, email?: string }
  /** The language of whoever reads it, a tag as the account has it; absent for an address that is nobody's. */
  language?: string
  /** Of the invitation that it is, to somebody who has no account. */
  invitationId?: number
}

/** Somebody asked for a code, and nobody may learn from the answer whether anybody is meant: that is found out after it. */
export interface Enquiry {
  enquiry: 'reset_password' | 'sign_in' | 'invitation'
  /** An address; or the number of somebody who wants to sign in, unless it is said that this is an address as well; or the id of an invitation. */
  of: string
  by?: 'email'
}

/** How messages leave. The core knows no transport. */
export interface Mailer {
  /** Resolves when somebody else has the message for good. `id` is the same at every attempt; `userId` is whose it is: a person's, or an invitation's below zero. */
  send: (message: Message & { id: string, userId: number }) => Promise<void>
  /** Forgets what is still here of the messages to these people. */
  forget: (userIds: readonly number[]) => Promise<void>
  /** Whose messages are still here, a page at a time. Somebody may be on several pages. */
  owners: () => AsyncIterable<number[]>
  /** Why messages do not leave, if they do not; an earlier failure is asked about again. `isNew`: asks whether they would, although none has failed. */
  trouble: (isNew?: boolean) => Promise<string | undefined>
  /** What is being sent may finish, but soon; then it fails like anything that is sent later. */
  close: () => Promise<void>
}
