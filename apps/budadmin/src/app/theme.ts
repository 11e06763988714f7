/** The look, in one place: 14 px text, one accent, grey for the rest; dark and light from the same tokens. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core'

const accent: MantineColorsTuple = [
  '#eef1fc',
  '#dce1f7',
  '#b6c0ee',
  '#8f9ee6',
  '#6e80df',
  '#586dd9',
  '#4459cc',
  '#384bb4',
  '#2f40a0',
  '#25348b',
]

const dark: MantineColorsTuple = [
  '#dde1e9',
  '#b9c0cc',
  '#98a1b0',
  '#6c7585',
  '#434b5a',
  '#343b48',
  '#262c37',
  '#191e27',
  '#11151c',
  '#0b0e13',
]

export const theme = createTheme({
  colors: { accent, dark },
  primaryColor: 'accent',
  primaryShade: { light: 6, dark: 5 },
  autoContrast: true,
  fontFamily:
    'Inter, ui-sans-serif, system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, sans-serif',
  fontFamilyMonospace: 'ui-monospace, "JetBrains Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.25rem' },
  defaultRadius: 'md',
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.3' },
      h2: { fontSize: '1rem', lineHeight: '1.4' },
      h3: { fontSize: '0.875rem', lineHeight: '1.4' },
    },
  },
  components: {
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250, multiline: true, maw: 320 } },
    Modal: {
      // A dialog's head is no banner of the page.
      defaultProps: {
        centered: true,
        closeButtonProps: { 'aria-label': 'Close' },
        attributes: { header: { role: 'presentation' } },
      },
    },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Table: { defaultProps: { verticalSpacing: 8, horizontalSpacing: 16 } },
  },
})

/** Contrast of secondary text is held at 4.5 : 1 in both schemes. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#5a6270',
    '--mantine-color-placeholder': '#6b7280',
    '--mantine-color-error': '#c22f2b',
    '--bud-page': '#f5f6f8',
    '--bud-surface': '#ffffff',
    '--bud-line': '#e2e5ea',
    '--bud-quiet': '#f0f2f5',
    '--bud-good': '#1b7a4b',
    '--bud-busy': '#3b50c4',
    '--bud-warn': '#9a5b00',
    '--bud-bad': '#c22f2b',
    '--bud-idle': '#5a6270',
  },
  dark: {
    '--mantine-color-dimmed': '#9ba4b3',
    '--mantine-color-placeholder': '#868f9e',
    '--mantine-color-error': '#ff7d76',
    '--mantine-color-anchor': '#9aa8f0',
    '--mantine-color-accent-light': '#2b3568',
    '--mantine-color-accent-light-hover': '#333f7a',
    '--mantine-color-accent-light-color': '#dce1f7',
    '--bud-page': '#0f1319',
    '--bud-surface': '#171c24',
    '--bud-line': '#2a313d',
    '--bud-quiet': '#1f2530',
    '--bud-good': '#4cc38a',
    '--bud-busy': '#93a3f2',
    '--bud-warn': '#f0ac4e',
    '--bud-bad': '#ff7d76',
    '--bud-idle': '#9ba4b3',
  },
})
