import { join } from 'node:path'
import { fileName } from '../formats.ts'
import type { ImageKind } from '../formats.ts'
import type { PictureFile } from './index.ts'

const FOLDERS: Record<ImageKind, string> = { avatar: 'avatars', cover: 'covers' }

/** What a file is called below the folder of all pictures, which is also its place in backups and exports. */
export const pathOf = ({ kind, name, size }: PictureFile): string => `${FOLDERS[kind]}/${fileName(name, size)}`

/** Where published pictures lie in a data folder; given a path below that, where that lies. */
export const mediaOf = (dataDir: string, path = ''): string => join(dataDir, 'media', path)

/** The folders of both kinds. */
export const foldersOf = (dataDir: string): Record<ImageKind, string> => ({ avatar: mediaOf(dataDir, FOLDERS.avatar), cover: mediaOf(dataDir, FOLDERS.cover) })
