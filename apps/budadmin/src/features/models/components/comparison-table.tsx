import type { ModelDetail } from '@bud/contract'
import { ActionIcon, Group, Text, Tooltip } from '@mantine/core'
import { type CSSProperties, Fragment } from 'react'
import { IconBest, IconDiffers, IconRemove } from '../../../components/icons.ts'
import { TextLink } from '../../../components/link.tsx'
import { StatusIcon } from '../../../components/status.tsx'
import { WideContent } from '../../../components/wide-content.tsx'
import type { ComparedCell, ComparedRow, ComparedSection } from '../prepare/comparison.ts'
import { versionTags } from '../prepare/listing.ts'
import classes from './comparison-table.module.css'

export interface ComparisonTableProps {
  models: readonly ModelDetail[]
  sections: readonly ComparedSection[]
  /** undefined: fewer would be no comparison. */
  onRemove: ((index: number) => void) | undefined
}

export function ComparisonTable({ models, sections, onRemove }: ComparisonTableProps) {
  return (
    <WideContent className={classes.scroll}>
      <table className={classes.table} style={{ '--models': models.length } as CSSProperties}>
        <thead>
          <tr>
            <td className={classes.label} />
            {models.map((model, index) => (
              <th key={model.version_id} scope="col">
                <Head model={model} onRemove={onRemove ? () => onRemove(index) : undefined} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sections.map((section) => (
            <Fragment key={section.title}>
              <tr>
                <th scope="colgroup" colSpan={models.length + 1} className={classes.section}>
                  {section.title}
                  {section.note ? (
                    <Text span fz="sm" c="dimmed" ml="xs">
                      {section.note}
                    </Text>
                  ) : null}
                </th>
              </tr>
              {section.rows.map((row) => (
                <Row key={row.label} row={row} />
              ))}
            </Fragment>
          ))}
        </tbody>
      </table>
    </WideContent>
  )
}

function Head({ model, onRemove }: { model: ModelDetail; onRemove: (() => void) | undefined }) {
  return (
    <Group gap={4} wrap="nowrap" align="flex-start" justify="space-between">
      <div>
        <TextLink to="/models/$modelId" params={{ modelId: model.id }} fw={600}>
          {model.name}
        </TextLink>
        <Text fz="sm" c="dimmed" fw={400}>
          {versionTags(model).join(', ') || model.origin}
        </Text>
      </div>
      {onRemove ? (
        <ActionIcon size="sm" onClick={onRemove} aria-label={`Remove ${model.name}`}>
          <IconRemove size={14} />
        </ActionIcon>
      ) : null}
    </Group>
  )
}

function Row({ row }: { row: ComparedRow }) {
  return (
    <tr>
      <th scope="row" className={classes.label}>
        {row.label}
        {row.differs ? (
          <Tooltip label="They differ">
            <span className={classes.differs}>
              <IconDiffers size={14} aria-hidden />
              <span className="visually-hidden">, differs</span>
            </span>
          </Tooltip>
        ) : null}
      </th>
      {row.cells.map((cell, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a cell is its model's place
        <td key={index} className={row.differs ? undefined : classes.same}>
          <Cell cell={cell} />
        </td>
      ))}
    </tr>
  )
}

function Cell({ cell }: { cell: ComparedCell }) {
  return (
    <>
      <span className={classes.mark}>
        {cell.tone ? <StatusIcon tone={cell.tone} size={14} /> : null}
        {cell.text}
      </span>
      {cell.best ? (
        <span className={classes.best}>
          <IconBest size={11} aria-hidden /> best
        </span>
      ) : null}
      {cell.note ? (
        <Text fz="sm" c="dimmed">
          {cell.note}
        </Text>
      ) : null}
    </>
  )
}
