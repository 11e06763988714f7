/**
 * The peer: SQLite with its full-text index, in this process, over the same models in one table with an index for
 * every filter. An embedded database that is known for being fast answers the same questions by hand-written SQL.
 */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { ListedModel } from '@bud/budmodel/testing/listed-models'
import type { Question } from './registry-questions.ts'

const FACETS = ['kind', 'architecture', 'size', 'licence', 'licence_class', 'modality', 'state'] as const

export interface SqlitePeer {
  ask(question: Question): { items: unknown[]; total: number }
  close(): void
}

/** `holding`: names of the models with a measured row that holds what the measured question asks for. */
export function createSqlitePeer(models: readonly ListedModel[], holding: ReadonlySet<string>): SqlitePeer {
  const db = new DatabaseSync(':memory:')
  db.exec(`
    create table models (id integer primary key, name text, kind text, architecture text, size integer,
      parameters integer, licence text, licence_class text, modality text, state text, tags text, measured integer);
    create table tags (model integer, tag text);
    create virtual table words using fts5(text, content='');
    begin`)
  const insert = db.prepare('insert into models values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
  const insertTag = db.prepare('insert into tags values (?, ?)')
  const insertWords = db.prepare('insert into words (rowid, text) values (?, ?)')
  models.forEach((model, id) => {
    const { name, kind, facts, licence, modality, state, tags, cardTags, description } = model
    const parameters = facts?.parameter_count ?? null
    const all = [...tags, ...cardTags]
    const columns = [name, kind, facts?.architecture ?? null, sizeOf(parameters), parameters, licence?.id ?? null]
    const others = [licence?.class ?? 'unknown', modality, state, all.join(' '), holding.has(name) ? 1 : 0]
    insert.run(id, ...columns, ...others)
    for (const tag of all) insertTag.run(id, tag)
    insertWords.run(id, [name, facts?.architecture ?? '', ...all, description].join(' '))
  })
  db.exec('commit')
  for (const column of [...FACETS, 'name', 'measured']) db.exec(`create index by_${column} on models (${column})`)
  db.exec('create index by_tag on tags (tag, model); create index of_model on tags (model); analyze')
  return {
    ask(question) {
      const { from, where, values } = plainSql(question)
      const order = question.input.sort === 'name' ? 'name' : 'id desc'
      const deep = question.deepId === undefined ? '' : ` and id < ${question.deepId}`
      const items = db.prepare(`select m.* ${from} where ${where}${deep} order by ${order} limit 51`).all(...values)
      const total = db.prepare(`select count(*) as total ${from} where ${where}`).get(...values)?.total
      if (question.input.facets) {
        for (const facet of FACETS) {
          const but = plainSql(question, facet)
          db.prepare(`select ${facet}, count(*) ${but.from} where ${but.where} group by 1`).all(...but.values)
        }
        db.prepare(`select tag, count(*) ${from} join tags on model = id where ${where} group by 1`).all(...values)
      }
      return { items, total: Number(total) }
    },
    close: () => db.close(),
  }
}

const THRESHOLDS = [3e9, 10e9, 20e9, 50e9, 100e9, 300e9]
const sizeOf = (parameters: number | null): number | null =>
  parameters === null ? null : THRESHOLDS.filter((least) => parameters >= least).length
const SIZES = ['1b', '7b', '13b', '34b', '70b', '200b', '405b']

function plainSql({ input }: Question, but?: string): { from: string; where: string; values: SQLInputValue[] } {
  const conditions: [field: string, condition: string, ...values: SQLInputValue[]][] = []
  const list = (text: string | undefined) => (text ?? '').split(',').filter((value) => value !== '')
  const prefixes = list(input.architecture)
  if (prefixes.length > 0) {
    const either = prefixes.map(() => 'architecture like ?').join(' or ')
    conditions.push(['architecture', `(${either})`, ...prefixes.map((prefix) => `${prefix}%`)])
  }
  const sizes = list(input.size).map((size) => SIZES.indexOf(size))
  if (sizes.length > 0) conditions.push(['size', `size in (${sizes.map(() => '?')})`, ...sizes])
  for (const field of ['licence_class', 'state'] as const) {
    const values = list(input[field])
    if (values.length > 0) conditions.push([field, `${field} in (${values.map(() => '?')})`, ...values])
  }
  if (input.measured_gpu !== undefined) conditions.push(['measured_gpu', 'measured = 1'])
  const words = input.search?.split(' ').map((word) => `"${word}"*`)
  if (words) conditions.push(['search', 'words match ?', words.join(' AND ')])
  const kept = conditions.filter(([field]) => field !== but)
  return {
    from: `from ${words ? 'words join models m on m.id = words.rowid' : 'models m'}`,
    where: kept.length === 0 ? '1' : kept.map(([, condition]) => condition).join(' and '),
    values: kept.flatMap(([, , ...values]) => values),
  }
}
