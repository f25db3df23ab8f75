/** How this program was called, for hints that can be typed as they stand. */
export const self = (env: NodeJS.ProcessEnv = process.env): string => (env['npm_lifecycle_event'] === undefined ? 'anneal' : 'npm run -s anneal --');
