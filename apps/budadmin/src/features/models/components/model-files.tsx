import type { ModelDetail, ModelFile } from '@bud/contract'
import { Button, Center, Code, Group, Table, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { CopyIcon } from '../../../components/copy-text.tsx'
import { EmptyState } from '../../../components/empty-state.tsx'
import { Loaded } from '../../../components/loaded.tsx'
import { Panel } from '../../../components/panel.tsx'
import { SearchBox } from '../../../components/search-box.tsx'
import { StatusIcon } from '../../../components/status.tsx'
import { formatBytes, NONE } from '../../../prepare/format.ts'
import { modelFilesQuery } from '../api/model-files.ts'
import { fileCoverage } from '../prepare/scan.ts'
import { filesText } from '../prepare/versions.ts'

export interface ModelFilesProps {
  model: ModelDetail
  search: string | undefined
  onSearch: (text: string | undefined) => void
}

export function ModelFiles({ model, search, onSearch }: ModelFilesProps) {
  const query = useInfiniteQuery(modelFilesQuery(model.version_id, search))
  if (model.file_count === 0) {
    return (
      <Panel>
        <EmptyState title="No files">
          {model.origin === 'catalogue' ? 'A catalogue entry has none.' : 'They appear once the import has ended.'}
        </EmptyState>
      </Panel>
    )
  }
  return (
    <Panel
      title="Files"
      note={filesText(model)}
      flush
      actions={<SearchBox label="Search files" value={search} onChange={onSearch} maw={240} />}
    >
      <Loaded query={query} height={240}>
        {({ pages }) => <FilesTable files={pages.flatMap(({ items }) => items)} />}
      </Loaded>
      {query.hasNextPage ? (
        <Center p="sm">
          <Button
            variant="default"
            size="xs"
            loading={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            Show more
          </Button>
        </Center>
      ) : null}
      {model.digest ? <Digest digest={model.digest} /> : null}
    </Panel>
  )
}

function Digest({ digest }: { digest: string }) {
  return (
    <Text fz="sm" c="dimmed" px="md" py="xs" component="div">
      Digest over all files: <Code>{digest.slice(0, 16)}</Code>
      <CopyIcon value={digest} label="Copy digest" />
    </Text>
  )
}

function FilesTable({ files }: { files: readonly ModelFile[] }) {
  if (files.length === 0) return <EmptyState title="No such file" />
  return (
    <Table miw={760}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Path</Table.Th>
          <Table.Th>Format</Table.Th>
          <Table.Th ta="right">Size</Table.Th>
          <Table.Th>sha256</Table.Th>
          <Table.Th>Looked at</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {files.map((file) => (
          <Table.Tr key={file.path}>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{file.path}</Table.Td>
            <Table.Td>{file.format ?? NONE}</Table.Td>
            <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
              {formatBytes(file.bytes)}
            </Table.Td>
            <Table.Td style={{ whiteSpace: 'nowrap' }}>
              <Code>{file.sha256.slice(0, 12)}</Code>
              <CopyIcon value={file.sha256} label={`Copy sha256 of ${file.path}`} />
            </Table.Td>
            <Table.Td>
              <Coverage file={file} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Coverage({ file }: { file: ModelFile }) {
  const scanned = fileCoverage(file)
  if (scanned.length === 0) return <Text c="dimmed">not yet</Text>
  return scanned.map(({ scanner, text, whole }) => (
    <Group key={scanner} gap={4} wrap="nowrap" fz="sm">
      <StatusIcon tone={whole ? 'good' : 'warn'} size={13} />
      {scanner}
      <Text span inherit c="dimmed">
        {text}
      </Text>
    </Group>
  ))
}
