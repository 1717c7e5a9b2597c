import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page } from 'playwright-core'
import type { Test } from 'tap'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Looks at a page as it is now: readable for everybody, and nothing sticks out. */
export async function looksRight(t: Test, page: Page, name: string): Promise<void> {
  await page.screenshot({
    path: `test/screenshots/${name}.png`,
    animations: 'disabled',
    fullPage: true,
  })
  await page.evaluate(axe)
  const { violations } = await page.evaluate<{
    violations: { id: string; help: string; nodes: { html: string }[] }[]
  }>('axe.run()')
  const flaws = violations.map(({ id, help, nodes }) => `${id}: ${help} ${nodes[0]?.html}`)
  t.strictSame(flaws, [], name)
  t.notOk(await page.evaluate('document.documentElement.scrollWidth > innerWidth'), name)
}

/** The looks that matter: a desk by day, a desk by night, a phone. */
export const looks = [
  { name: 'light', options: { colorScheme: 'light' } },
  { name: 'dark', options: { colorScheme: 'dark' } },
  { name: '360', options: { colorScheme: 'light', viewport: { width: 360, height: 800 } } },
] as const
