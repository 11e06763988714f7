import type { ModelUsage, ModelUser } from '../ports.ts'

/** Endpoints that a test says there are. */
export class FakeModelUsage implements ModelUsage {
  readonly #users: { projectId: string; modelId: string; user: ModelUser }[] = []

  use(projectId: string, modelId: string, user: ModelUser): void {
    this.#users.push({ projectId, modelId, user })
  }

  async usedBy(projectId: string, modelId: string): Promise<ModelUser[]> {
    return this.#users.filter((use) => use.projectId === projectId && use.modelId === modelId).map(({ user }) => user)
  }
}
