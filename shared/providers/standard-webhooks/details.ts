import { present } from '../call-fields.ts'
import { decimalText, plainText, webAddress, wholeNumber, type Fields } from '../untrusted.ts'

/** How each word of the one vocabulary of details is read; what is not in it stays in the raw delivery. */
const readers: Readonly<Record<string, (value: unknown) => unknown>> = {
  amount: decimalText,
  caller_name: plainText,
  cause: plainText,
  cause_source: plainText,
  channels: wholeNumber,
  currency: plainText,
  digit: plainText,
  digits: plainText,
  duration_ms: wholeNumber,
  format: plainText,
  position: wholeNumber,
  queue: plainText,
  recording_url: webAddress,
  result: plainText,
  role: plainText,
  sip_code: wholeNumber,
  status: plainText,
  summary: plainText,
  text: plainText,
  turn: wholeNumber,
  url: webAddress,
}
const words = Object.entries(readers)

/** What is special to an event; what was not said, or not in the form of its word, is left out. */
export function detailsOf(data: Fields): Fields {
  const said = words.filter(([word]) => data[word] !== undefined)
  return present(said.map(([word, read]) => [word, read(data[word])]))
}
