import type { ModelDetail } from '@bud/contract'
import { Code, Table, Text } from '@mantine/core'
import { CopyIcon } from '../../../components/copy-text.tsx'
import { Panel } from '../../../components/panel.tsx'
import { formatBytes, plural } from '../../../prepare/format.ts'

export function ModelFiles({ model }: { model: ModelDetail }) {
  if (model.files.length === 0) return null
  const bytes = model.files.reduce((sum, file) => sum + file.bytes, 0)
  return (
    <Panel title="Files" note={`${plural(model.files.length, 'file')}, ${formatBytes(bytes)}`} flush>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Path</Table.Th>
            <Table.Th ta="right">Size</Table.Th>
            <Table.Th>sha256</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {model.files.map((file) => (
            <Table.Tr key={file.path}>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{file.path}</Table.Td>
              <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                {formatBytes(file.bytes)}
              </Table.Td>
              <Table.Td style={{ whiteSpace: 'nowrap' }}>
                <Code>{file.sha256.slice(0, 12)}</Code>
                <CopyIcon value={file.sha256} label={`Copy sha256 of ${file.path}`} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {model.digest ? (
        <Text fz="sm" c="dimmed" px="md" py="xs">
          Digest over all files: <Code>{model.digest.slice(0, 16)}</Code>
          <CopyIcon value={model.digest} label="Copy digest" />
        </Text>
      ) : null}
    </Panel>
  )
}
