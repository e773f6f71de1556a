/**
 * How many of what is generated: in the suite a part that meets each kind, and the whole with `VISAGE_TEST_VOLUME=whole`, which takes
 * minutes and is for `.ci/run`.
 */
export const generated = (whole: number, part: number): number => process.env.VISAGE_TEST_VOLUME === 'whole' ? whole : part
