import { addressOf, forget, isSignedIn, keep, Refusal, request, requestAs } from './session.js'

const find = (selector) => document.querySelector(selector)

const NOTHING = { id: undefined, etag: undefined }
/** Of the profile as it is shown: what is saved must not overwrite anything newer. */
let shown = NOTHING

const forms = {
  'sign-up': async (form) => begin(await request('POST', '/api/sign-up/', Object.fromEntries(new FormData(form)))),
  'sign-in': async (form) => begin(await request('POST', '/api/sign-in/', Object.fromEntries(new FormData(form)))),
  'profile': async (form) => show(await requestAs('PUT', `/api/profile/${shown.id}/update/`, new FormData(form), { 'if-match': shown.etag })),
  'again': load,
  'sign-out': async () => {
    await requestAs('POST', '/api/profile/sign-out/')
    forget()
  },
}

async function begin ({ answer }) {
  keep(answer)
  await load()
}

async function load () {
  show(await requestAs('GET', '/api/profile/'))
}

function show ({ answer, etag }) {
  shown = { id: answer.id, etag }
  find('#name').textContent = answer.username
  find('#picture').hidden = answer.avatar === null
  if (answer.avatar !== null) find('#picture').src = addressOf(answer.avatar)
  const { username, first_name: firstName, avatar } = find('#profile').elements
  username.value = answer.username
  firstName.value = answer.first_name
  avatar.value = ''
}

/** By key, as the API names them; where it has none that a person could use, in words of this page. */
function wordsFor (error) {
  if (!(error instanceof Refusal)) return { detail: 'The service cannot be reached. Try again.' }
  if (error.status === 401) return { detail: 'You have been signed out. Sign in again.' }
  if (error.status === 412) return { detail: 'Your profile was changed somewhere else. Read it again, then repeat the change.' }
  if (error.status === 429) return { detail: `That was tried too often. Try again in ${error.retryAfter} seconds.` }
  return error.body
}

function say (form, words) {
  for (const place of form.querySelectorAll('[data-says]')) place.textContent = place.dataset.says.split(' ').flatMap((key) => words[key] ?? []).join(' ')
}

async function attempt (form, work) {
  document.body.ariaBusy = 'true'
  say(form, {})
  try {
    await work(form)
  } catch (error) {
    say(isSignedIn() || error.status !== 401 ? form : find('#sign-in'), wordsFor(error))
  }
  turn()
  document.body.ariaBusy = 'false'
}

/** To what there is for somebody who is signed in, or is not. */
function turn () {
  const state = isSignedIn() ? 'signed-in' : 'signed-out'
  if (!isSignedIn()) shown = NOTHING
  for (const section of document.querySelectorAll('[data-when]')) section.hidden = section.dataset.when !== state
}

for (const [id, work] of Object.entries(forms)) {
  find(`#${id}`).addEventListener('submit', (event) => {
    event.preventDefault()
    void attempt(event.currentTarget, work)
  })
}

/** When the page opens, and when somebody signed in or out in another tab. */
async function follow () {
  if (isSignedIn() && shown === NOTHING) await attempt(find('#again'), load)
  turn()
}

window.addEventListener('storage', follow)
await follow()
document.body.ariaBusy = 'false'
