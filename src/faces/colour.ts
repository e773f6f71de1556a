const HUES = 360
const SATURATION = 0.5
const LIGHTEST = 0.55
const STEP = 0.01
/** What text needs to be read by everybody (WCAG 2, AA), and a little for rounding. */
const CONTRAST = 4.6

/** One of 360 colours, each as light as white text on it allows. */
export const colourOf = (hue: number): string => COLOURS[hue % HUES] ?? ''

function lightest (hue: number): string {
  for (let lightness = LIGHTEST; ; lightness -= STEP) {
    const rgb = rgbOf(hue, SATURATION, lightness)
    if (1.05 / (luminanceOf(rgb) + 0.05) >= CONTRAST) return `#${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`
  }
}

function rgbOf (hue: number, saturation: number, lightness: number): number[] {
  const chroma = saturation * Math.min(lightness, 1 - lightness)
  return [0, 8, 4].map((offset) => {
    const k = (offset + hue / 30) % 12
    return Math.round(255 * (lightness - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1))))
  })
}

function luminanceOf (rgb: number[]): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((value) => value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

// Found once: some take longer to be found than others, and times are not to tell one picture from another.
const COLOURS = Array.from({ length: HUES }, (_, hue) => lightest(hue))
