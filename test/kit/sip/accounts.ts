/** The domain of all users, and the realm of their passwords. */
export const sipDomain = 'sip.test'

/** What every user's password is; their names are digits. */
export const passwordOf = (user: string): string => `pw${user}`
