/** Which configuration holds my limits for the least money? The answer's side. */
import type { Optimization } from '@bud/contract'
import { Button, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Ago } from '../../components/ago.tsx'
import { ButtonLink, TextLink } from '../../components/link.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { Status } from '../../components/status.tsx'
import { optimizationQuery } from './api/optimization.ts'
import { APPROVE, ApprovePanel } from './components/approve-panel.tsx'
import { CandidateView } from './components/candidate-view.tsx'
import { CandidatesTable } from './components/candidates-table.tsx'
import { RejectedList } from './components/rejected-list.tsx'
import { describeSearch, describeWorkload, shownCandidates } from './prepare/result.ts'
import { describeTargets } from './prepare/targets.ts'

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
  const { candidate: chosen = 0, endpoint } = route.useSearch()
  const navigate = route.useNavigate()
  const candidates = shownCandidates(result)
  const candidate = candidates[chosen] ?? candidates[0]
  return (
    <Page
      title={`${result.model.name} on ${result.cluster.name}`}
      above={<TextLink to="/optimise">Optimise</TextLink>}
      actions={
        <>
          <ButtonLink
            variant="default"
            to="/optimise"
            search={endpoint ? { endpoint } : { model: result.model.id, cluster: result.cluster.id }}
          >
            New search
          </ButtonLink>
          {result.feasible ? (
            <Button onClick={() => document.getElementById(APPROVE)?.scrollIntoView({ behavior: 'smooth' })}>
              Review and approve
            </Button>
          ) : null}
        </>
      }
    >
      <Stack gap="md">
        <Answer result={result} />
        {candidate ? (
          <CandidateView result={result} candidate={candidate} index={candidates.indexOf(candidate)} />
        ) : null}
        {candidates.length > 1 ? (
          <CandidatesTable
            result={result}
            candidates={candidates}
            chosen={chosen}
            onChoose={(index) =>
              void navigate({ search: (before) => ({ ...before, candidate: index }), replace: true })
            }
          />
        ) : null}
        {candidate && result.feasible ? (
          <ApprovePanel key={chosen} result={result} index={chosen} candidate={candidate} endpointId={endpoint} />
        ) : null}
        <RejectedList rejected={result.rejected} feasible={result.feasible} />
      </Stack>
    </Page>
  )
}

function Answer({ result }: { result: Optimization }) {
  return (
    <Panel>
      <Stack gap={4}>
        {result.feasible ? (
          <Status tone="good" word="A configuration holds the limits" size="lg" />
        ) : (
          <Status tone="warn" word="Nothing holds these limits" size="lg" />
        )}
        <div>
          {describeTargets(result.targets)} · {describeWorkload(result.workload)}
        </div>
        <div>
          {describeSearch(result)} Asked by {result.created_by} <Ago at={result.created_at} />.
          {result.approval ? (
            <>
              {' '}
              Approved by {result.approval.approved_by} <Ago at={result.approval.approved_at} />
              {result.approval.edits.length > 0 ? ` with ${result.approval.edits.length} edits` : ''}.
            </>
          ) : null}
        </div>
      </Stack>
    </Panel>
  )
}
