import { SegmentedControl, Stack } from '@mantine/core'
import { useState } from 'react'
import { CopyBlock } from '../../../components/copy-text.tsx'
import { type Language, languages, type SnippetInput, toSnippet } from '../prepare/snippets.ts'

export function Snippets(input: SnippetInput) {
  const [language, setLanguage] = useState<Language>('curl')
  return (
    <Stack gap="xs">
      <SegmentedControl
        aria-label="Language"
        size="xs"
        data={[...languages]}
        value={language}
        onChange={(value) => setLanguage(languages.find((one) => one === value) ?? 'curl')}
      />
      <CopyBlock value={toSnippet(language, input)} label={`${language} snippet`} />
    </Stack>
  )
}
