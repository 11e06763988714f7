/** Which of these is the better choice, and in what do they differ? */
import type { ModelDetail } from '@bud/contract'
import { Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { EmptyState } from '../../components/empty-state.tsx'
import { ButtonLink, TextLink } from '../../components/link.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { listOf, toList } from '../../prepare/search.ts'
import { comparisonQuery } from './api/comparison.ts'
import { ComparisonTable } from './components/comparison-table.tsx'
import { describeComparison, onlyDifferences, toComparison } from './prepare/comparison.ts'

const route = getRouteApi('/app/models/compare')

export function ComparePage() {
  const asked = listOf(route.useSearch().models)
  const query = useQuery(comparisonQuery(asked))
  return (
    <Page
      title="Compare models"
      above={<TextLink to="/models">Models</TextLink>}
      answer={query.data ? describeComparison(query.data) : 'Two to four models side by side.'}
      actions={
        <ButtonLink to="/models" search={{ compare: toList(asked) }} variant="default">
          Choose others
        </ButtonLink>
      }
    >
      {asked.length < 2 ? (
        <Panel>
          <EmptyState title="Choose two to four models" action={<ButtonLink to="/models">All models</ButtonLink>}>
            Tick them in the list, then compare.
          </EmptyState>
        </Panel>
      ) : (
        <Loaded query={query} height={480}>
          {(models) => <Compared models={models} asked={asked} />}
        </Loaded>
      )}
    </Page>
  )
}

function Compared({ models, asked }: { models: readonly ModelDetail[]; asked: readonly string[] }) {
  const { differences } = route.useSearch()
  const navigate = route.useNavigate()
  const sections = toComparison(models)
  const remove = (index: number) =>
    void navigate({ search: (before) => ({ ...before, models: toList(asked.filter((_, place) => place !== index)) }) })
  return (
    <>
      <Switch
        label="Only what differs"
        checked={differences === true}
        onChange={(event) => {
          const only = event.currentTarget.checked || undefined
          void navigate({ search: (before) => ({ ...before, differences: only }), replace: true })
        }}
      />
      <ComparisonTable
        models={models}
        sections={differences ? onlyDifferences(sections) : sections}
        onRemove={asked.length > 2 ? remove : undefined}
      />
    </>
  )
}
