/** Whether every engine can store a text, and be asked for it: whole characters, and no NUL. */
export const isStorable = (value: string): boolean => value.isWellFormed() && !value.includes('\0')
