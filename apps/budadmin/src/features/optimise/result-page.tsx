/** Which configuration holds my limits for the least money? The answer's side. */
import type { Optimization } from '@bud/contract'
import { Button, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Ago } from '../../components/ago.tsx'
import { Facts } from '../../components/facts.tsx'
import { ButtonLink, TextLink } from '../../components/link.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { Status } from '../../components/status.tsx'
import { plural } from '../../prepare/format.ts'
import { optimizationQuery } from './api/optimization.ts'
import { APPROVE, ApprovePanel } from './components/approve-panel.tsx'
import { CandidateView } from './components/candidate-view.tsx'
import { CandidatesTable } from './components/candidates-table.tsx'
import { NearestMisses } from './components/nearest-misses.tsx'
import { ParetoPanel } from './components/pareto-panel.tsx'
import { RejectedList } from './components/rejected-list.tsx'
import { SiblingCard } from './components/sibling-card.tsx'
import { addressOfPoint, type Choice, chosenOf, pointOf } from './prepare/choices.ts'
import { costText, describeConfiguration, toAnswerFacts } from './prepare/result.ts'
import type { ResultSearch } from './prepare/search.ts'

const route = getRouteApi('/app/optimise/$optimizationId')

export function ResultPage() {
  const { optimizationId } = route.useParams()
  const query = useQuery(optimizationQuery(optimizationId))
  return (
    <Loaded query={query} height={480} page="Search">
      {(result) => <ResultView key={result.id} result={result} />}
    </Loaded>
  )
}

function ResultView({ result }: { result: Optimization }) {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const choice = chosenOf(result, search)
  const show = (part: Pick<ResultSearch, 'candidate' | 'point'>) =>
    void navigate({ search: (before) => ({ ...before, ...part }), replace: true, resetScroll: false })
  return (
    <Page
      title={`${result.model.name} on ${result.cluster.name}`}
      above={<TextLink to="/optimise">Optimise</TextLink>}
      actions={<Actions result={result} endpoint={search.endpoint} />}
    >
      <Stack gap="md">
        <Answer result={result} />
        {choice ? <CandidateView result={result} choice={choice} /> : null}
        {choice && result.feasible ? (
          <ParetoPanel
            result={result}
            chosen={pointOf(result, choice)}
            onChoose={(point) => show(addressOfPoint(result, point))}
          />
        ) : null}
        {result.feasible ? (
          <CandidatesTable
            candidates={result.candidates}
            chosen={choice?.index}
            onChoose={(candidate) => show({ candidate, point: undefined })}
          />
        ) : (
          <NearestMisses
            result={result}
            chosen={choice?.index}
            onChoose={(candidate) => show({ candidate, point: undefined })}
            endpoint={search.endpoint}
          />
        )}
        <SiblingCard result={result} />
        {choice ? <Approve result={result} choice={choice} endpoint={search.endpoint} /> : null}
        <RejectedList rejected={result.rejected} feasible={result.feasible} />
      </Stack>
    </Page>
  )
}

interface PartProps {
  result: Optimization
  endpoint: string | undefined
}

function Actions({ result, endpoint }: PartProps) {
  return (
    <>
      <ButtonLink variant="default" to="/optimise" search={{ from: result.id, endpoint }}>
        Change and search again
      </ButtonLink>
      {result.feasible ? (
        <Button onClick={() => document.getElementById(APPROVE)?.scrollIntoView({ behavior: 'smooth' })}>
          Review and approve
        </Button>
      ) : null}
    </>
  )
}

/** A point of the front that is no candidate is approved as an edit of the recommendation. */
function Approve({ result, choice, endpoint }: PartProps & { choice: Choice }) {
  const index = choice.index ?? 0
  const candidate = result.candidates[index]
  if (!candidate) return null
  return (
    <ApprovePanel
      key={JSON.stringify(choice.candidate.deployment)}
      result={result}
      index={index}
      candidate={candidate}
      chosen={choice.candidate}
      endpointId={endpoint}
    />
  )
}

function Answer({ result }: { result: Optimization }) {
  const [best] = result.candidates
  return (
    <Panel>
      <Stack gap="sm">
        {best ? (
          <Status tone="good" word="A configuration holds the limits" size="lg" />
        ) : (
          <Status tone="warn" word="Nothing holds these limits" size="lg" />
        )}
        {best ? (
          <Text fz="lg" fw={600}>
            {describeConfiguration(best.deployment)}: {costText(best.prediction.cost_usd_per_hour)}
          </Text>
        ) : null}
        <Facts facts={toAnswerFacts(result)} />
        <Text c="dimmed" fz="sm">
          Asked by {result.created_by} <Ago at={result.created_at} />.
          <Approved approval={result.approval} />
        </Text>
      </Stack>
    </Panel>
  )
}

function Approved({ approval }: Pick<Optimization, 'approval'>) {
  if (!approval) return null
  return (
    <>
      {' '}
      Approved by {approval.approved_by} <Ago at={approval.approved_at} />
      {approval.edits.length > 0 ? ` with ${plural(approval.edits.length, 'edit')}` : ''}.
    </>
  )
}
