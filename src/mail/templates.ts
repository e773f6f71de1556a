import { readFile, readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ConfigError } from '../config.ts'
import type { Mailer, Template } from '../core/mail/messages.ts'
import { deliverable } from '../texts/email.ts'
import type { Mail } from '../visage.ts'
import { CATALOGUES, LINKS, languageOf } from './texts/index.ts'
import type { Catalogue, Language } from './texts/index.ts'

type Message = Parameters<Mailer['send']>[0]

export type Render = (message: Message) => Mail

interface Options { dataDir: string, from: string, linkUrl: () => string }

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g
const KNOWN = ['username', 'code', 'link', 'email']
const PARTS = { subject: '.subject.txt', text: '.txt', html: '.html' } as const

type Parts = Record<keyof typeof PARTS, string>

/**
 * Reads `<dataDir>/templates/<template>.subject.txt`, `.txt` and `.html` where they are, and those for one language alone, such as
 * `<template>.de.txt`, which come before them; the rest is ours. Throws a ConfigError.
 */
export async function loadTemplates ({ dataDir, from, linkUrl }: Options): Promise<Render> {
  const folder = resolve(dataDir, 'templates')
  const [domain = '@localhost'] = /@[^\s>]+(?=>?\s*$)/.exec(from) ?? []
  const host = deliverable(domain).slice(1)

  const there = new Set(await readdir(folder).catch((error: unknown) => {
    if ((error as { code?: string }).code === 'ENOENT') return []
    throw error
  }))

  async function own (name: string): Promise<string | undefined> {
    if (!there.has(name)) return undefined
    const file = join(folder, name)
    const read = await readFile(file, 'utf8')
    const text = read.replace(/^\uFEFF/, '').replaceAll('\r\n', '\n')
    const unknown = [...text.matchAll(PLACEHOLDER)].find(([, name = '']) => !KNOWN.includes(name))
    if (unknown !== undefined) throw new ConfigError(`${file}: ${unknown[0]} is no placeholder; there are ${KNOWN.map((name) => `{{${name}}}`).join(', ')}`)
    return text
  }

  async function load (template: Template, language: Language): Promise<Parts> {
    const part = async (ending: string) => await own(`${template}.${language}${ending}`) ?? await own(`${template}${ending}`)
    const ours = CATALOGUES[language][template]
    const text = await part(PARTS.text) ?? ours.text
    return { subject: await part(PARTS.subject) ?? ours.subject, text, html: await part(PARTS.html) ?? toHtml(text, language) }
  }

  const templates = new Map<string, Parts>()
  for (const [language, catalogue] of Object.entries(CATALOGUES) as [Language, Catalogue][]) {
    for (const template of Object.keys(catalogue) as Template[]) templates.set(`${language} ${template}`, await load(template, language))
  }

  return ({ template, to, params, id, language }) => {
    const { subject, text, html } = templates.get(`${languageOf(language)} ${template}`) as Parts
    // An address that was taken away has no successor.
    const values: Record<string, string | undefined> = { email: '–', ...params }
    const link = LINKS[template]
    if (link !== undefined) values.link = `${linkUrl()}${fill(link, values, encodeURIComponent)}`
    return {
      from,
      to: { name: '', address: deliverable(to) },
      subject: fill(subject, values).trim(),
      text: fill(text, values),
      html: fill(html, values, escape),
      messageId: `<${id}@${host}>`,
      // So that nobody's absence notice answers (RFC 3834).
      headers: { 'Auto-Submitted': 'auto-generated' },
    }
  }
}

function fill (text: string, values: Record<string, string | undefined>, encode: (value: string) => string = (value) => value): string {
  return text.replace(PLACEHOLDER, (_, name: string) => encode(values[name] ?? ''))
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)

/** Paragraphs of the same lines; a link can be followed. */
function toHtml (text: string, language: Language): string {
  const paragraphs = text.trim().split(/\n{2,}/).map((lines) => {
    const line = escape(lines)
    return line === '{{link}}' ? '<p><a href="{{link}}">{{link}}</a></p>' : `<p>${line.replaceAll('\n', '<br>\n')}</p>`
  })
  return `<!doctype html>\n<html lang="${language}"><body>\n${paragraphs.join('\n')}\n</body></html>\n`
}
