/** The API's sentences for people who look at pages: "GET /endpoints lists them." becomes a link to that list. */

const places = {
  models: { to: '/models', label: 'All models' },
  endpoints: { to: '/endpoints', label: 'All endpoints' },
  clusters: { to: '/clusters', label: 'All clusters' },
  optimizations: { to: '/optimise', label: 'All searches' },
  'inference-keys': { to: '/settings', label: 'All keys' },
  tokens: { to: '/settings', label: 'All tokens' },
  connections: { to: '/settings', label: 'All connections' },
  'model-policy': { to: '/settings/model-policy', label: 'The model policy' },
} as const

type Place = (typeof places)[keyof typeof places]

interface PlainText {
  text: string
  /** The page for what the text pointed at in the API. */
  place: Place | undefined
}

/** A sentence of its own that only says where a list is. */
const LIST_SENTENCE = /\s*\bGET \/([\w-]+) lists [^.]*\./g
const LOGS = /\bGET \/endpoints\/[^\s/]+\/logs\b/g
const OPERATION = /\bGET \/operations\/[^\s/]+/g
const LIST = /\bGET \/([\w-]+)(?![\w/-])/g

export function withoutApiHints(said: string): PlainText {
  const named: Place[] = []
  const place = (name: string): Place | undefined => {
    const found = isPlace(name) ? places[name] : undefined
    if (found) named.push(found)
    return found
  }
  const text = said
    .replace(LIST_SENTENCE, (sentence, name: string) => (place(name) ? '' : sentence))
    .replace(LOGS, 'the Logs tab')
    .replace(OPERATION, 'the operation')
    .replace(LIST, (path, name: string) => (place(name) ? `the page of ${name.replaceAll('-', ' ')}` : path))
    .replace(/(^|\. )the (?=Logs tab|operation|page of)/g, '$1The ')
    .trim()
  return { text, place: named[0] }
}

const isPlace = (name: string): name is keyof typeof places => Object.hasOwn(places, name)
