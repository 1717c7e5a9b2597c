/**
 * `+12025550133` → `+1 202 555 0133`, `sip:bob@pbx.example` → `bob@pbx.example`; other numbers stay as they are, for
 * how they are grouped is not known here.
 */
export function formatAddress(address: string | null): string {
  if (address === null || address === '') return 'withheld'
  const north = /^\+1([2-9]\d{2})(\d{3})(\d{4})$/.exec(address)
  return north ? `+1 ${north[1]} ${north[2]} ${north[3]}` : address.replace(/^(?:sips?|tel):/, '')
}
