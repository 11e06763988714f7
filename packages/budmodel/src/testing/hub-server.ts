/**
 * A Hugging Face hub in small: the routes, headers, redirects, signed addresses and refusals of the real one, over
 * real sockets. Large files come from a second host, as they do there. Troubles are what a test asks for.
 */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Answer,
  answerCdn,
  answerHub,
  type Hub,
  type HubRequest,
  type HubTrouble,
  type HubUser,
} from './hub-answers.ts'
import {
  addCommit,
  commitOf,
  createHubRepository,
  type HubCommitPlan,
  type HubContent,
  type HubRepositoryPlan,
  toHubFile,
} from './hub-repository.ts'

export interface HubServer {
  readonly url: string
  /** Every request so far. */
  readonly requests: HubRequest[]
  trouble(trouble: HubTrouble): void
  add(plan: HubRepositoryPlan): void
  /** Answers the new commit's id. */
  commit(repository: string, commit: HubCommitPlan): string
  commitOf(repository: string, revision?: string): string
  /**
   * The bytes of a file of `main` become others under the same commit: with a new digest, or only on the file host.
   * Without content the file goes.
   */
  overwrite(repository: string, path: string, content: HubContent | undefined, where?: 'everywhere' | 'cdn'): void
  close(): Promise<void>
}

export async function startHubServer(
  plans: readonly HubRepositoryPlan[],
  tokens: Readonly<Record<string, HubUser>> = {},
): Promise<HubServer> {
  const hub: Hub = {
    repositories: new Map(),
    tokens,
    troubles: [],
    requests: [],
    objects: new Map(),
    secret: randomBytes(32),
    cdnUrl: '',
    url: '',
  }
  const servers = [createServer(noted(hub, 'hub', answerHub)), createServer(noted(hub, 'cdn', answerCdn))] as const
  hub.url = `http://127.0.0.1:${await listen(servers[0])}`
  hub.cdnUrl = `http://localhost:${await listen(servers[1])}`
  const required = (name: string) => {
    const found = hub.repositories.get(name)
    if (!found) throw new Error(`the hub has no ${name}`)
    return found
  }
  const add = (plan: HubRepositoryPlan) => void hub.repositories.set(plan.name, createHubRepository(plan))
  for (const plan of plans) add(plan)
  return {
    url: hub.url,
    requests: hub.requests,
    add,
    trouble: (trouble) => void hub.troubles.push({ ...trouble }),
    commit: (name, commit) => addCommit(required(name), commit),
    commitOf: (name, revision = 'main') => commitOf(required(name), revision) ?? '',
    overwrite(name, path, content, where = 'everywhere') {
      const { commits, branches, plain } = required(name)
      const id = branches.get('main') ?? ''
      const tree = new Map(commits.get(id))
      const old = tree.get(path)
      if (content === undefined) tree.delete(path)
      else if (where === 'everywhere') tree.set(path, toHubFile(path, content, plain))
      else hub.objects.set(old?.lfs?.sha256 ?? '', toHubFile(path, content))
      commits.set(id, tree)
    },
    async close() {
      for (const server of servers) {
        server.closeAllConnections()
        server.close()
        await once(server, 'close')
      }
    },
  }
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function noted(hub: Hub, host: 'hub' | 'cdn', answer: Answer) {
  return (request: IncomingMessage, response: ServerResponse) => {
    const { method = 'GET', url: address = '/', headers } = request
    const { authorization, range } = headers
    hub.requests.push({ host, method, url: address, authorization, range })
    const url = new URL(address, host === 'hub' ? hub.url : hub.cdnUrl)
    void Promise.resolve(answer(hub, request, response, url)).catch((error) => response.destroy(error))
  }
}
