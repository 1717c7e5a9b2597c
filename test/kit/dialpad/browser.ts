/** What a browser was shown, or where it was sent. */
export interface Shown {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly location: string | null
}

/** A browser that keeps cookies, and finds the suite's public address at its local one. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly #publicUrl: string
  readonly #url: string

  constructor({ publicUrl, url }: { publicUrl: string; url: string }) {
    this.#publicUrl = publicUrl
    this.#url = url
  }

  async get(address: string | URL): Promise<Shown> {
    const href = String(address).replace(this.#publicUrl, this.#url)
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(href, {
      redirect: 'manual',
      headers: cookie === '' ? {} : { cookie },
      signal: AbortSignal.timeout(60_000),
    })
    for (const line of response.headers.getSetCookie()) this.#keep(line)
    return {
      status: response.status,
      headers: response.headers,
      text: await response.text(),
      location: response.headers.get('location'),
    }
  }

  #keep(line: string): void {
    const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!
    if (line.includes('Max-Age=0')) this.cookies.delete(name!)
    else this.cookies.set(name!, value!)
  }
}
