import { createHash } from 'node:crypto'

const STYLE = 'body{font:1rem/1.5 system-ui,sans-serif;max-width:28rem;margin:4rem auto;padding:0 1rem;color-scheme:light dark}input,button{font:inherit;padding:.5rem;width:100%;box-sizing:border-box;margin:.25rem 0 1rem}.wrong{border-left:.25rem solid #c00;padding-left:.75rem}'

/** No script, nothing from elsewhere, no frame around it, and the code in its address goes to nobody. */
export const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

interface Field { name: string, label: string, type: 'hidden' | 'password' | 'text', autocomplete?: string, value?: string, isOptional?: boolean }

interface Page {
  title: string
  /** What is wrong, a sentence each. */
  wrong?: readonly string[]
  text?: string
  /** Posts to the page's own address. */
  form?: { button: string, fields: readonly Field[] }
}

/** One small page. */
export function toHtml ({ title, wrong = [], text, form }: Page): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escape(title)}</title><style>${STYLE}</style></head>
<body>
<h1>${escape(title)}</h1>
${wrong.map((sentence) => `<p class="wrong" role="alert">${escape(sentence)}</p>\n`).join('')}${text === undefined ? '' : `<p>${escape(text)}</p>\n`}${form === undefined ? '' : formHtml(form)}</body>
</html>
`
}

function formHtml ({ button, fields }: NonNullable<Page['form']>): string {
  const inputs = fields.map(({ name, label, type, autocomplete = 'off', value = '', isOptional }) => {
    const input = `<input type="${type}" name="${name}" autocomplete="${autocomplete}" value="${escape(value)}"${type === 'hidden' || isOptional ? '' : ' required'}>`
    return type === 'hidden' ? input : `<label>${escape(label)}${input}</label>`
  })
  // Without an action it goes to where it came from; the code travels in the body.
  return `<form method="post">\n${inputs.join('\n')}\n<button>${escape(button)}</button>\n</form>\n`
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
