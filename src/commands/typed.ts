import { text } from 'node:stream/consumers'
import type { Flags } from './command.ts'

/** What a flag says; of `-` what standard input says, without its line end, which nobody reads in the list of processes. */
export const typed = async (said: Flags[string]): Promise<string> => said === '-' ? (await text(process.stdin)).replace(/\r?\n$/, '') : String(said)
