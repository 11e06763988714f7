/** Closes what was opened, newest first; one that fails does not keep the others open. */
export class Cleanup {
  readonly #tasks: Array<() => unknown> = []

  add(task: () => unknown): void {
    this.#tasks.unshift(task)
  }

  async run(): Promise<void> {
    const errors: unknown[] = []
    for (const task of this.#tasks.splice(0))
      await Promise.resolve()
        .then(task)
        .catch((error) => errors.push(error))
    if (errors.length > 0) throw errors[0]
  }
}
