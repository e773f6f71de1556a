import { join } from 'node:path'
import { FOLDERS } from '../formats.ts'
import type { ImageKind } from '../formats.ts'

/** Where published pictures lie in a data folder; given a path below that, where that lies. */
export const mediaOf = (dataDir: string, path = ''): string => join(dataDir, 'media', path)

/** The folders of both kinds. */
export const foldersOf = (dataDir: string): Record<ImageKind, string> => ({ avatar: mediaOf(dataDir, FOLDERS.avatar), cover: mediaOf(dataDir, FOLDERS.cover) })
