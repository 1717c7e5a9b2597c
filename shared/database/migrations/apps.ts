import type { Migration } from '../migrate.ts'

/** What was done to an app is read page by page, and what was done to its keys by itself. */
export const apps = (): Migration => ({
  id: 7,
  name: 'pages of the audit',
  statements: [
    `create index audit_pages on audit (app, at, id)`,
    `create index audit_of_keys on audit (app, at, id) where action like 'api-key.%'`,
    // The first of the two does what it did.
    `drop index audit_of_app`,
  ],
})
