import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import t from 'tap'
import { openPage, signIn, startBrowser, startSite } from './console-page.ts'
import type { Page } from 'playwright-core'

const browser = await startBrowser(t)

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds in the page, in words. */
async function flaws(page: Page): Promise<string[]> {
  await page.evaluate(axe)
  const { violations } = await page.evaluate<{ violations: { id: string; help: string }[] }>(
    'axe.run()',
  )
  return violations.map(({ id, help }) => `${id}: ${help}`)
}

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [360, 1440, 3840]) {
    t.test(
      `${colorScheme}, ${width} px: readable for everybody, and nothing sticks out`,
      async (t) => {
        const site = await startSite(t)
        await site.event({ call: 'a' })
        await site.event({ call: 'b' })
        await site.event({ call: 'b', type: 'call.answered' })
        await site.event({
          call: 'c',
          payload: { from: 'sip:a.rather.long.name@pbx.some-company.example' },
        })
        const { page } = await openPage(t, browser, {
          colorScheme,
          viewport: { width, height: 800 },
        })
        const check = async (name: string): Promise<void> => {
          const path = `test/screenshots/${name}-${width}-${colorScheme}.png`
          await page.screenshot({ path, animations: 'disabled' })
          t.strictSame(await flaws(page), [], name)
          t.notOk(await page.evaluate('document.documentElement.scrollWidth > innerWidth'), name)
        }
        await page.goto(site.url)
        await page.getByRole('textbox', { name: 'Token' }).waitFor()
        await check('sign-in')
        await signIn(page, site)
        await site.event({ call: 'c', type: 'call.hangup', payload: { hangup_cause: 'user_busy' } })
        await page.locator('.badge.failed').waitFor()
        await check('live')
        await page.locator('.rows a').last().click()
        await page.locator('.panel').waitFor()
        await check('call')
        await page.getByLabel('Pages').getByText('Try it').click()
        await page.locator('.try').waitFor()
        await check('try-it')
      },
    )
  }
}
