import { UsageError } from '../exit-codes.ts'

const pbx = 'wss://pbx.example.com:8089'

/** The one URL a command is called with. @throws UsageError unless there is exactly one, with one of the protocols */
export function onlyUrl(words: readonly string[], protocols: readonly string[]): URL {
  const [text, more] = words
  const example = protocols[0] === 'wss:' ? pbx : `${protocols[0]}//calls.example.com`
  if (text === undefined) throw new UsageError(`name a URL, e.g. ${example}`)
  const url = URL.parse(text)
  if (!url || !protocols.includes(url.protocol)) {
    throw new UsageError(`'${text}' is no URL with ${protocols.join(' or ')}, e.g. ${example}`)
  }
  if (more !== undefined) throw new UsageError(`one URL at a time: '${more}' is one too many`)
  if (url.username !== '' || url.password !== '') {
    throw new UsageError('a URL with a password in it shows in lists of processes')
  }
  return url
}
