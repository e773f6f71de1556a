/** How squares are cut from a picture; nothing said: around what the eye goes to. */
export interface Cut {
  /** Where the subject is, from -1 to 1: to the right and up. */
  focus?: readonly [x: number, y: number] | null | undefined
  /** The part of the upright original that may be seen, in its pixels. */
  crop?: readonly [x: number, y: number, width: number, height: number] | null | undefined
}

export type Focus = NonNullable<Cut['focus']>
export type Crop = NonNullable<Cut['crop']>
interface Size { width: number, height: number }
export interface Region { left: number, top: number, width: number, height: number }

/** Whether a crop lies within the picture. */
export function isWithin ([x, y, width, height]: Crop, source: Size): boolean {
  return x >= 0 && y >= 0 && width >= 1 && height >= 1 && x + width <= source.width && y + height <= source.height
}

/** The part of a picture of the given size that may be seen, where the crop was measured in another size of it. */
export function regionOf ({ width, height }: Size, { crop }: Cut, source: Size): Region {
  if (!crop) return { left: 0, top: 0, width, height }
  const [x, y, w, h] = crop
  const [across, down] = [width / source.width, height / source.height]
  const left = Math.min(Math.round(x * across), width - 1)
  const top = Math.min(Math.round(y * down), height - 1)
  return { left, top, width: Math.max(1, Math.min(Math.round(w * across), width - left)), height: Math.max(1, Math.min(Math.round(h * down), height - top)) }
}

/** The largest square of a region that has the subject as near to its middle as the edges allow. */
export function squareAround ({ left, top, width, height }: Region, [x, y]: Focus, whole: Size): Region {
  const side = Math.min(width, height)
  const start = (subject: number, from: number, length: number) => Math.round(Math.max(from, Math.min(subject - side / 2, from + length - side)))
  return { left: start((x + 1) / 2 * whole.width, left, width), top: start((1 - y) / 2 * whole.height, top, height), width: side, height: side }
}

/** The largest square of a region that begins so far on its way, from 0 to 1, along the longer side. */
export function squareAt ({ left, top, width, height }: Region, start: number): Region {
  const side = Math.min(width, height)
  return { left: left + Math.round((width - side) * start), top: top + Math.round((height - side) * start), width: side, height: side }
}
