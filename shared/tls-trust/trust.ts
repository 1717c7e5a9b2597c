/** Whom an upstream's certificate is believed for. */
export type Trust =
  | { readonly trust: 'system' }
  /** PEM texts of further roots and intermediates, besides those of the system. */
  | { readonly trust: 'extraCa'; readonly ca: readonly string[] }
  /** `sha256/<base64 of the SPKI's SHA-256>`, one of which must match; host name and dates are checked all the same. */
  | { readonly trust: 'pin'; readonly pins: readonly string[] }
  | { readonly trust: 'insecure' }
