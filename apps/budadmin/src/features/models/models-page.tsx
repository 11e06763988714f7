/** Which model can I use? */
import { Button, Center } from '@mantine/core'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { EmptyState } from '../../components/empty-state.tsx'
import { IconPlus } from '../../components/icons.ts'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { formatInteger, plural } from '../../prepare/format.ts'
import { allModelsQuery } from './api/all-models.ts'
import { modelsQuery } from './api/models.ts'
import { ModelsFilters } from './components/models-filters.tsx'
import { ModelsTable } from './components/models-table.tsx'
import { RegisterDialog } from './components/register-dialog.tsx'
import { architecturesOf, hasFilters, sortModels } from './prepare/filters.ts'
import type { ModelsSearch } from './prepare/search.ts'

const route = getRouteApi('/app/models')

export function ModelsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const change = (part: Partial<ModelsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true })
  const all = useQuery(allModelsQuery())

  return (
    <Page
      title="Models"
      answer={all.data ? describe(all.data.items) : 'What can be optimised for and deployed.'}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={() => change({ register: true })}>
          Register model
        </Button>
      }
    >
      <ModelsFilters search={search} architectures={architecturesOf(all.data?.items ?? [])} onChange={change} />
      <ModelsList search={search} onClear={() => void navigate({ search: {} })} />
      <RegisterDialog opened={search.register === true} onClose={() => change({ register: undefined })} />
    </Page>
  )
}

function describe(models: readonly { origin: string; state: { name: string } }[]): string {
  const registered = models.filter((model) => model.origin === 'registered')
  const ready = registered.filter((model) => model.state.name === 'available').length
  const own =
    registered.length === 0
      ? 'None registered yet'
      : `${plural(registered.length, 'registered model')}, ${ready} available`
  return `${own}; ${formatInteger(models.length - registered.length)} in the catalogue to optimise for.`
}

function ModelsList({ search, onClear }: { search: ModelsSearch; onClear: () => void }) {
  const query = useInfiniteQuery(modelsQuery(search))
  return (
    <Loaded query={query} height={420}>
      {(data) => {
        const models = sortModels(
          data.pages.flatMap((page) => page.items),
          search.sort,
        )
        if (models.length === 0) return <NoModels filtered={hasFilters(search)} onClear={onClear} />
        return (
          <Panel flush>
            <ModelsTable models={models} />
            {query.hasNextPage ? (
              <Center p="sm">
                <Button
                  variant="default"
                  size="xs"
                  loading={query.isFetchingNextPage}
                  onClick={() => void query.fetchNextPage()}
                >
                  Load more
                </Button>
              </Center>
            ) : null}
          </Panel>
        )
      }}
    </Loaded>
  )
}

function NoModels({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  return (
    <Panel>
      {filtered ? (
        <EmptyState
          title="No model matches these filters"
          action={
            <Button variant="default" onClick={onClear}>
              Clear filters
            </Button>
          }
        />
      ) : (
        <EmptyState title="No models yet">Register one from a folder or an S3 path with the button above.</EmptyState>
      )}
    </Panel>
  )
}
