// A profile page on an origin of its own. `settings.json` says where the service is, and the service lists this origin in
// VISAGE_CORS_ORIGINS.
import { createVisage } from 'visage/client'
import type { Person, Problem } from 'visage/client'

const { api } = await (await fetch('settings.json')).json() as { api: string }
const visage = createVisage({ baseUrl: api })
const find = <E extends HTMLElement = HTMLElement>(selector: string) => document.querySelector(selector) as E
const preview = find<HTMLImageElement>('#preview')
const picture = find<HTMLInputElement>('[name=avatar]')
let ticket = ''

/** Calls `work` with what was filled in, and says below the form what was refused. */
function onSubmit (id: string, work: (values: Record<string, string>) => Promise<Problem | undefined>): void {
  const form = find<HTMLFormElement>(`#${id}`)
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    form.ariaBusy = 'true'
    const problem = await work(Object.fromEntries([...new FormData(form)].filter(([, value]) => typeof value === 'string')) as Record<string, string>)
      .catch((): Partial<Problem> => ({ detail: 'The service cannot be reached.' }))
    const says = problem?.errors?.map(({ field, message }) => `${field}: ${message}`) ?? [problem?.detail]
    find(`#${id} [role=alert]`).textContent = says.join(' ')
    form.ariaBusy = 'false'
  })
}

function show (person: Person | undefined): void {
  find('#signed-in').hidden = person === undefined
  find('#signed-out').hidden = person !== undefined
  find('#second-factor').hidden = true
  for (const form of document.forms) form.reset()
  if (person === undefined) return
  find('#name').textContent = person.realName || person.username
  for (const name of ['realName', 'bio'] as const) find<HTMLInputElement>(`[name=${name}]`).value = person[name] ?? ''
  showPicture(person.avatar?.sizes['128'] ?? person.avatar?.url)
}

function showPicture (url: string | undefined): void {
  preview.hidden = url === undefined
  preview.src = url ?? ''
}

onSubmit('sign-up', async ({ username = '', email = '', password = '' }) => {
  const { data, error } = await visage.POST('/v1/sign-up', { body: { username, email, password } })
  if (data !== undefined) show(data.person)
  return error
})

onSubmit('sign-in', async ({ login = '', password = '' }) => {
  const { data, error } = await visage.POST('/v1/sign-in', { body: { login, password } })
  if (data !== undefined) show(data.person)
  if (error?.ticket === undefined) return error
  ticket = error.ticket
  find('#second-factor').hidden = false
})

onSubmit('second-factor', async ({ code = '' }) => {
  const { data, error } = await visage.POST('/v1/sign-in/second-factor', { body: { ticket, code } })
  if (data !== undefined) show(data.person)
  return error
})

picture.addEventListener('change', () => showPicture(picture.files?.[0] && URL.createObjectURL(picture.files[0])))

onSubmit('profile', async ({ realName = '', bio = '' }) => {
  const [file] = picture.files ?? []
  const uploaded = file && await visage.upload('/v1/me/avatar', file)
  if (uploaded?.error !== undefined) return uploaded.error
  const { data, error } = await visage.PATCH('/v1/me', { body: { realName, bio } })
  if (data !== undefined) show(data)
  return error
})

onSubmit('sign-out', async () => (await visage.POST('/v1/sign-out')).error)
visage.onSignedOut(() => show(undefined))

show((await visage.GET('/v1/me')).data)
