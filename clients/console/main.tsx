import { render } from 'preact'
import { App } from './app.tsx'

// Preact, because it is the smallest library whose components everyone who knows React can read: 5 kB of this page.
render(<App />, document.getElementById('app')!)
