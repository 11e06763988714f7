import type { ModelDetail } from '@bud/contract'
import { Anchor, Stack, Text } from '@mantine/core'
import { Panel } from '../../../components/panel.tsx'
import { ReasonList } from '../../../components/reason-list.tsx'
import { Status } from '../../../components/status.tsx'
import { licenceSource, verdictAnswer, withoutConditions } from '../prepare/answer.ts'
import { LicenceMark } from './licence-mark.tsx'

/** What the licence allows, who says so, and what the policy makes of it. */
export function LicencePanel({ model }: { model: ModelDetail }) {
  const { licence_detail: licence } = model
  return (
    <Panel title="Licence" note={licence ? licenceSource(licence) : 'Neither card nor files state one.'}>
      <Stack gap="sm">
        <div>
          <LicenceMark licence={licence ?? model.licence} />
          {licence?.url ? (
            <Anchor href={licence.url} target="_blank" rel="noreferrer" fz="sm">
              Text of the licence
            </Anchor>
          ) : null}
        </div>
        {licence?.evidence ? (
          <Text fz="sm" c="dimmed" ff="monospace" style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
            {licence.evidence}
          </Text>
        ) : null}
        {licence && licence.conditions.length > 0 ? (
          <ul style={{ margin: 0, paddingLeft: 18 }}>
            {licence.conditions.map((condition) => (
              <li key={`${condition.kind}:${condition.text}`}>
                <b>{condition.kind.replaceAll('-', ' ')}</b>: {condition.text}
              </li>
            ))}
          </ul>
        ) : null}
        <Verdicts verdicts={withoutConditions(model)} />
      </Stack>
    </Panel>
  )
}

function Verdicts({ verdicts }: { verdicts: ModelDetail['licence_verdicts'] }) {
  return verdicts.map((verdict) => {
    const { tone, word } = verdictAnswer(verdict)
    return (
      <div key={verdict.stage}>
        <Status tone={tone} word={word} />
        {verdict.reasons.length > 0 ? (
          <div style={{ marginTop: 4, paddingLeft: 22 }}>
            <ReasonList reasons={verdict.reasons} tone={tone} />
          </div>
        ) : null}
      </div>
    )
  })
}
