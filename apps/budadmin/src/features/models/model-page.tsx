/** Can I trust this model, may I use it, and does it run? */
import type { ModelDetail } from '@bud/contract'
import { Group, Stack, Tabs } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { EmptyState } from '../../components/empty-state.tsx'
import { ButtonLink, TextLink } from '../../components/link.tsx'
import { Loaded } from '../../components/loaded.tsx'
import { Page } from '../../components/page.tsx'
import { Panel } from '../../components/panel.tsx'
import { ReasonList } from '../../components/reason-list.tsx'
import { Tag } from '../../components/tag.tsx'
import { withoutApiHints } from '../../prepare/api-hints.ts'
import { toProblem } from '../../prepare/problem.ts'
import { modelTone } from '../../prepare/states.ts'
import { modelQuery } from './api/model.ts'
import { AboutPanel } from './components/about-panel.tsx'
import { AnswerStrip } from './components/answer-strip.tsx'
import { FitsPanel } from './components/fits-panel.tsx'
import { ImportSteps } from './components/import-steps.tsx'
import { LicencePanel } from './components/licence-panel.tsx'
import { LineagePanel } from './components/lineage-panel.tsx'
import { ModelActions } from './components/model-actions.tsx'
import { ModelConflicts, ModelFactsPanel } from './components/model-facts.tsx'
import { ModelFiles } from './components/model-files.tsx'
import { ModelStatus } from './components/model-status.tsx'
import { Performance } from './components/performance.tsx'
import { RegisterDialog } from './components/register-dialog.tsx'
import { ScanReport } from './components/scan-report.tsx'
import { UsedBy } from './components/used-by.tsx'
import { VersionsPanel } from './components/versions-panel.tsx'
import classes from './model-page.module.css'
import { modelTabs } from './prepare/search.ts'
import { referenceOf, tabsOf, versionText } from './prepare/versions.ts'

const route = getRouteApi('/app/models/$modelId')

export function ModelPage() {
  const { modelId } = route.useParams()
  const { version } = route.useSearch()
  const query = useQuery({ ...modelQuery(referenceOf(modelId, version)), placeholderData: keepPreviousData })
  if (query.error && toProblem(query.error).status === 404) return <Gone message={toProblem(query.error).message} />
  return (
    <Loaded query={query} height={480} page="Model">
      {(model) => <ModelView model={model} />}
    </Loaded>
  )
}

function Gone({ message }: { message: string }) {
  return (
    <Page title="Model" above={<TextLink to="/models">Models</TextLink>}>
      <Panel>
        <EmptyState title="There is no such model" action={<ButtonLink to="/models">All models</ButtonLink>}>
          {withoutApiHints(message).text}
        </EmptyState>
      </Panel>
    </Page>
  )
}

function ModelView({ model }: { model: ModelDetail }) {
  const { tab, version } = route.useSearch()
  const navigate = route.useNavigate()
  const tabs = tabsOf(model)
  const shown = tabs.find(({ name }) => name === tab)?.name ?? 'overview'
  const show = (name: string | null) => {
    const next = modelTabs.find((one) => one === name)
    void navigate({ search: (before) => ({ ...before, tab: next === 'overview' ? undefined : next }) })
  }
  return (
    <Page
      title={model.name}
      above={<TextLink to="/models">Models</TextLink>}
      answer={<ModelAnswer model={model} asked={version} />}
      actions={<ModelActions model={model} asked={version} />}
    >
      <AnswerStrip model={model} />
      {model.state.reasons.length > 0 ? (
        <Panel>
          <ReasonList reasons={model.state.reasons} tone={modelTone(model.state.name)} />
        </Panel>
      ) : null}
      <ImportSteps model={model} />
      <Tabs value={shown} onChange={show} keepMounted={false}>
        <Tabs.List mb="md" className={classes.tabs}>
          {tabs.map(({ name, label }) => (
            <Tabs.Tab key={name} value={name}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {tabs.map(({ name }) => (
          <Tabs.Panel key={name} value={name}>
            <TabContent name={name} model={model} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  )
}

function ModelAnswer({ model, asked }: { model: ModelDetail; asked: number | undefined }) {
  return (
    <Group gap="sm" mt={4}>
      <ModelStatus state={model.state} has_files={model.has_files} since={model.origin === 'registered'} size="lg" />
      {versionText(model) ? <span>{versionText(model)}</span> : null}
      {model.aliases.map((alias) => (
        <Tag key={alias} accent={alias === 'production'}>
          {alias}
        </Tag>
      ))}
      {asked === undefined ? null : (
        <TextLink to="/models/$modelId" params={{ modelId: model.id }} fz="sm">
          Show the default version
        </TextLink>
      )}
    </Group>
  )
}

function TabContent({ name, model }: { name: (typeof modelTabs)[number]; model: ModelDetail }) {
  const { file } = route.useSearch()
  const navigate = route.useNavigate()
  if (name === 'scan') return <ScanReport model={model} />
  if (name === 'versions') return <Versions model={model} />
  if (name === 'performance') return <Performance model={model} />
  if (name === 'files') {
    return (
      <ModelFiles
        model={model}
        search={file}
        onSearch={(text) => void navigate({ search: (before) => ({ ...before, file: text }), replace: true })}
      />
    )
  }
  return (
    <div className={classes.columns}>
      <Stack gap="md">
        <ModelConflicts conflicts={model.conflicts} />
        <ModelFactsPanel model={model} />
        <AboutPanel model={model} />
      </Stack>
      <Stack gap="md">
        <LicencePanel model={model} />
        <FitsPanel fits={model.fits} />
        <LineagePanel model={model} />
        <UsedBy model={model} />
      </Stack>
    </div>
  )
}

function Versions({ model }: { model: ModelDetail }) {
  const [adding, dialog] = useDisclosure(false)
  return (
    <>
      <VersionsPanel model={model} onAdd={dialog.open} />
      <RegisterDialog opened={adding} onClose={dialog.close} model={{ id: model.id, name: model.name }} />
    </>
  )
}
