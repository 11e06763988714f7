/** Which model can I use? */
import type { ModelPage } from '@bud/contract'
import { Button, Center, Group, Select } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { EmptyState } from '../../components/empty-state.tsx'
import { IconFilter, IconPlus } from '../../components/icons.ts'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { SearchBox } from '../../components/search-box.tsx'
import { formatInteger } from '../../prepare/format.ts'
import { listOf, toList } from '../../prepare/search.ts'
import { modelsQuery } from './api/models.ts'
import { AppliedFilters } from './components/applied-filters.tsx'
import { CompareBar } from './components/compare-bar.tsx'
import { FacetPanel } from './components/facet-panel.tsx'
import { ModelsTable } from './components/models-table.tsx'
import { RegisterDialog } from './components/register-dialog.tsx'
import classes from './models-page.module.css'
import { appliedFilters, hasFilters, withoutFilters } from './prepare/filters.ts'
import { describeList, sorts } from './prepare/listing.ts'
import type { ModelsSearch } from './prepare/search.ts'

const route = getRouteApi('/app/models')

export function ModelsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const change = (part: Partial<ModelsSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true, resetScroll: false })
  const query = useInfiniteQuery(modelsQuery(search))
  const first = query.data?.pages[0]

  return (
    <Page
      title="Models"
      answer={first ? describeList(first, search) : 'What can be optimised for and deployed.'}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={() => change({ register: true })}>
          Register model
        </Button>
      }
    >
      {query.error ? (
        <AppliedFilters search={search} onChange={change} onClear={() => change(withoutFilters(search))} />
      ) : null}
      <Loaded query={query} height={480}>
        {({ pages }) => (
          <Catalogue
            pages={pages}
            search={search}
            onChange={change}
            onMore={query.hasNextPage ? () => void query.fetchNextPage() : undefined}
            loadingMore={query.isFetchingNextPage}
          />
        )}
      </Loaded>
      <RegisterDialog opened={search.register === true} onClose={() => change({ register: undefined })} />
    </Page>
  )
}

interface CatalogueProps {
  pages: readonly ModelPage[]
  search: ModelsSearch
  onChange: (part: Partial<ModelsSearch>) => void
  /** undefined: this is all. */
  onMore: (() => void) | undefined
  loadingMore: boolean
}

function Catalogue({ pages, search, onChange, onMore, loadingMore }: CatalogueProps) {
  const [opened, side] = useDisclosure(false)
  const [first] = pages
  const applied = appliedFilters(search).length
  return (
    <div className={classes.columns}>
      <div className={classes.toggle}>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconFilter size={14} />}
          onClick={side.toggle}
          aria-expanded={opened}
        >
          Filters{applied > 0 ? ` (${applied})` : ''}
        </Button>
      </div>
      <div className={classes.side} data-opened={opened}>
        {first?.facets ? (
          <FacetPanel facets={first.facets} total={first.total} search={search} onChange={onChange} />
        ) : null}
      </div>
      <ModelsList pages={pages} search={search} onChange={onChange} onMore={onMore} loadingMore={loadingMore} />
    </div>
  )
}

function ModelsList({ pages, search, onChange, onMore, loadingMore }: CatalogueProps) {
  const models = pages.flatMap((page) => page.items)
  const chosen = listOf(search.compare)
  const choose = (id: string) =>
    onChange({ compare: toList(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]) })
  const clear = () => onChange(withoutFilters(search))
  return (
    <div className={classes.list}>
      <Group gap="xs" justify="space-between">
        <SearchBox label="Search models" value={search.search} onChange={(text) => onChange({ search: text })} />
        <Select
          aria-label="Sort by"
          placeholder={search.search ? 'Best match' : 'Registered first'}
          data={sorts.map(({ value, label }) => ({ value, label }))}
          value={search.sort ?? null}
          onChange={(value) => onChange({ sort: sorts.find((one) => one.value === value)?.value })}
          clearable
          w={180}
        />
      </Group>
      <AppliedFilters search={search} onChange={onChange} onClear={clear} />
      {models.length === 0 ? (
        <NoModels filtered={hasFilters(search)} onClear={clear} />
      ) : (
        <Panel flush>
          <ModelsTable models={models} chosen={chosen} onChoose={choose} />
          {onMore ? (
            <Center p="sm">
              <Button variant="default" size="xs" loading={loadingMore} onClick={onMore}>
                Show more: {formatInteger(models.length)} of {formatInteger(pages[0]?.total)} shown
              </Button>
            </Center>
          ) : null}
        </Panel>
      )}
      <CompareBar chosen={chosen} onClear={() => onChange({ compare: undefined })} />
    </div>
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
        <EmptyState title="No models yet">
          Register one with the button above: from a folder, a hub, a bucket or the server's disk.
        </EmptyState>
      )}
    </Panel>
  )
}
