import { expect, test } from 'vitest'
import { planUpload, toModelName, toTarget } from './upload.ts'

function fileAt(path: string, bytes: number): File {
  const file = new File([new Uint8Array(bytes)], path.split('/').at(-1) ?? '')
  Object.defineProperty(file, 'webkitRelativePath', { value: path })
  return file
}

test('the chosen folder’s own name is dropped, deeper ones stay, hidden files are left out', () => {
  const plan = planUpload([
    fileAt('tiny/config.json', 10),
    fileAt('tiny/parts/model-1.safetensors', 20),
    fileAt('tiny/.git/HEAD', 5),
    fileAt('tiny/.DS_Store', 5),
  ])
  expect(plan?.folder).toBe('tiny')
  expect(plan?.files.map((file) => file.path)).toEqual(['config.json', 'parts/model-1.safetensors'])
  expect(plan?.bytes).toBe(30)
})

test('a folder with nothing in it is no upload', () => {
  expect(planUpload([])).toBeUndefined()
  expect(planUpload([fileAt('tiny/.DS_Store', 5)])).toBeUndefined()
})

test('only addresses elsewhere are presigned', () => {
  const origin = 'http://localhost:3000'
  expect(toTarget('/uploads/u/parts/1', origin)).toEqual({ url: `${origin}/uploads/u/parts/1`, presigned: false })
  expect(toTarget('https://store.test/b/k?X-Amz-Signature=1', origin)).toMatchObject({ presigned: true })
})

test('a folder’s name becomes one that the registry takes', () => {
  expect(toModelName('My model (v2)')).toBe('My-model-v2-')
  expect(toModelName('_private')).toBe('private')
})
