/** Exactly one of them; `name` is either of the two, and of an address only its owner is meant. */
export interface Login { email?: string, username?: string, name?: string }

type Find<T> = (text: string) => Promise<T | undefined>

/** Whom a login means. A username may look like an address: nobody is kept out by somebody who took theirs for a name. */
export async function meant<T> ({ email, username, name = '' }: Login, byEmail: Find<T>, byUsername: Find<T>): Promise<T | undefined> {
  if (email !== undefined) return await byEmail(email)
  return username === undefined && name.includes('@') ? await byEmail(name) ?? await byUsername(name) : await byUsername(username ?? name)
}

/** What was typed: guesses are counted by it. Were it by whose it is, using one name up would tell which address belongs to it. */
export const typed = ({ email, username, name = '' }: Login): string => email ?? username ?? name
