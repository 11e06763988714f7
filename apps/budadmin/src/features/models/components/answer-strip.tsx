/** Can I trust it, may I use it, does it run: each answered in words before any evidence. */
import type { ModelDetail } from '@bud/contract'
import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { Ago } from '../../../components/ago.tsx'
import { TextLink } from '../../../components/link.tsx'
import { Status, StatusIcon } from '../../../components/status.tsx'
import { type Answer, fitsText, licenceAnswer, NAMED_FITS, toFitRows } from '../prepare/answer.ts'
import { findingsText, toVerdict } from '../prepare/scan.ts'
import type { ModelTab } from '../prepare/search.ts'
import classes from './answer-strip.module.css'

export function AnswerStrip({ model }: { model: ModelDetail }) {
  return (
    <section className={classes.strip} aria-label="Answers">
      <ScanAnswer model={model} />
      <LicenceAnswer model={model} />
      <FitsAnswer fits={model.fits} />
    </section>
  )
}

interface QuestionProps {
  question: string
  answer: Pick<Answer, 'tone' | 'word'>
  children?: ReactNode
}

function Question({ question, answer, children }: QuestionProps) {
  return (
    <div className={classes.answer}>
      <h2 className={classes.question}>{question}</h2>
      <Status tone={answer.tone} word={answer.word} />
      {children}
    </div>
  )
}

function ScanAnswer({ model }: { model: ModelDetail }) {
  const { scan } = model
  const verdict = toVerdict(scan, model.has_files)
  return (
    <Question question="Can I trust it?" answer={verdict}>
      <Text fz="sm" c="dimmed">
        {scan ? (
          <>
            {findingsText(scan.findings)}, scanned <Ago at={scan.ended_at} />
          </>
        ) : (
          verdict.detail
        )}
      </Text>
      {scan ? <TabLink tab="scan">See the scan</TabLink> : null}
    </Question>
  )
}

function LicenceAnswer({ model }: { model: ModelDetail }) {
  const answer = licenceAnswer(model)
  const verdict = model.licence_verdicts.find(({ stage }) => stage === 'production')
  return (
    <Question question="May I use it in production?" answer={answer}>
      <Text fz="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        {answer.detail}
      </Text>
      {verdict?.reasons.slice(0, 1).map((reason) => (
        <Text key={reason.code} fz="sm">
          {reason.message}
        </Text>
      ))}
    </Question>
  )
}

function FitsAnswer({ fits }: Pick<ModelDetail, 'fits'>) {
  const rows = toFitRows(fits)
  return (
    <Question question="Where does it run?" answer={fitsText(fits)}>
      <ul className={classes.fits}>
        {rows.slice(0, NAMED_FITS).map((row) => (
          <li key={row.id} className={classes.fit}>
            <StatusIcon tone={row.tone} size={13} />
            <b>{row.name}</b>
            <span>
              {row.detail ? `${row.detail}, ` : ''}
              {row.word}
            </span>
          </li>
        ))}
      </ul>
      {rows.length > NAMED_FITS ? <TabLink tab="overview">and {rows.length - NAMED_FITS} more</TabLink> : null}
    </Question>
  )
}

function TabLink({ tab, children }: { tab: ModelTab; children: ReactNode }) {
  return (
    <TextLink from="/models/$modelId" to="." search={(before) => ({ ...before, tab })} fz="sm">
      {children}
    </TextLink>
  )
}
