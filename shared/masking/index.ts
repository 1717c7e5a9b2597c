/** A number in E.164, as events have them; an id has no plus sign. */
const telephoneNumbers = /\+\d{7,15}(?!\d)/g
/** Seven digits or more, however they are written: a number, or an id, which then is hidden too. */
const longDigits = /\+?\d[\d ().-]{5,30}\d/g

/** Hides all but the beginning and the end of telephone numbers in a text: `+1202…33`. */
export function maskNumbers(text: string): string {
  return text.includes('+') ? text.replace(telephoneNumbers, shortened) : text
}

/** Hides whatever in a text may be a telephone number, in any spelling. */
export function maskDigits(text: string): string {
  return text.replace(longDigits, (digits) => shortened(digits.replace(/[ ().-]/g, '')))
}

/** Where signed links keep their signatures: the query goes. */
export function maskLink(link: string): string {
  const cut = link.indexOf('?')
  return cut < 0 ? link : `${link.slice(0, cut)}?…`
}

function shortened(number: string): string {
  return `${number.slice(0, number.startsWith('+') ? 5 : 4)}…${number.slice(-2)}`
}
