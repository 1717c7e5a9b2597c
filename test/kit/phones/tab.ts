import type { Browser, Page } from 'playwright-core'
import type { LibraryName, PhonePage } from './page.ts'
import type { Phone, PhoneOptions } from './phone.ts'

/** A telephone in a tab, told what to do from outside. */
export class TabPhone implements Phone {
  readonly user: string
  readonly page: Page
  readonly diary = { next: (beginning: string) => this.#next(beginning) }
  /** Settled when all it was told is done. */
  #told: Promise<unknown>

  private constructor(page: Page, library: LibraryName, options: PhoneOptions) {
    this.user = options.user
    this.page = page
    this.#told = page.evaluate(
      ([name, given]) => (globalThis as unknown as PhonePage).install(name, given),
      [library, options] as const,
    )
  }

  /** @param origin of a page that is one */
  static async open(
    browser: Browser,
    origin: string,
    { library, ...options }: PhoneOptions & { library: LibraryName },
  ): Promise<TabPhone> {
    const page = await browser.newPage()
    await page.goto(origin)
    return new TabPhone(page, library, options)
  }

  readonly start = () => this.#tell('start')
  readonly register = () => this.#tell('register')
  readonly unregister = () => this.#tell('unregister')
  readonly call = (user: string) => this.#tell('call', user)
  readonly answer = () => this.#tell('answer')
  readonly reject = () => this.#tell('reject')
  readonly hangUp = () => this.#tell('hangUp')
  readonly hold = () => this.#tell('hold')
  readonly resume = () => this.#tell('resume')
  readonly sendInfo = (tone: string) => this.#tell('sendInfo', tone)
  readonly sendTones = (tones: string) => this.#tell('sendTones', tones)
  readonly stop = () => this.#tell('stop')

  #tell(what: Exclude<keyof Phone, 'user' | 'diary'>, argument = ''): void {
    const tell = () =>
      this.page.evaluate(
        ([name, given]) => (globalThis as unknown as PhonePage).phone[name](given),
        [what, argument] as const,
      )
    this.#told = this.#told.then(tell)
    // Whoever waits for what comes of it is told.
    this.#told.catch(() => {})
  }

  async #next(beginning: string): Promise<string> {
    await this.#told
    return this.page.evaluate(
      (entry) => (globalThis as unknown as PhonePage).phone.diary.next(entry),
      beginning,
    )
  }
}
