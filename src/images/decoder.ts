import sharp from 'sharp'

/** Older versions carry decoders with known holes. */
export function assertVersion (version: string): void {
  if (/^0\.(?:[12]?\d|3[0-4])\./.test(version)) throw new Error(`sharp ${version} is too old: 0.35.0 or newer is needed`)
}

assertVersion(sharp.versions.sharp)

// One picture at a time is the rule that bounds the memory, so there is nothing to share between jobs.
sharp.concurrency(1)
sharp.cache(false)

sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({
  operation: [
    'VipsForeignLoadJpeg',
    'VipsForeignLoadPng',
    'VipsForeignLoadWebp',
    'VipsForeignLoadNsgif',
    'VipsForeignLoadHeif'
  ]
})

/** sharp with only the loaders of the accepted formats. Loaded in the child process alone. */
export const decoder = sharp

/**
 * Refuses what is cut off or damaged. The next level, `warning`, would also refuse honest photos: some phones
 * leave stray bytes between the last scan and the end marker.
 */
export const FAIL_ON = 'error'
