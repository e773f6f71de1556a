const EARTH_KM = 6_371

/** Kilometres between two `lat,lng` in a straight line over the ground; null when one of them is no place. */
export function distance (a: unknown, b: unknown): number | null {
  const [latA = NaN, lngA = NaN] = radians(a)
  const [latB = NaN, lngB = NaN] = radians(b)
  const chord = Math.sin((latB - latA) / 2) ** 2 + Math.cos(latA) * Math.cos(latB) * Math.sin((lngB - lngA) / 2) ** 2
  const km = 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(chord)))
  return Number.isNaN(km) ? null : km
}

const radians = (place: unknown): number[] => typeof place === 'string' && place !== '' ? place.split(',').map((part) => Number(part) * Math.PI / 180) : []
