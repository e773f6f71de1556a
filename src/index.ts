// What others import. The plugins within decorate their own scopes, and say so to TypeScript for every instance: nothing here leads to their declarations.
// oxlint-disable-next-line import/no-unassigned-import -- it does its work by being loaded
import './needs-node.cjs'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import * as app from './app.ts'
import type { Options } from './options.ts'

export type { Options } from './options.ts'
export type * from './visage.ts'

/** Visage as a plugin: `await app.register(visage, { dataDir })`. What it leaves with the application is `app.visage` and `request.person`. */
const visage: FastifyPluginAsync<Options> = app.default
export default visage

/** A whole application around the plugin; hooks and routes can be added before it is to `listen` or to `inject`. Rejects when the settings are wrong or the data folder is in use. */
export const buildApp: (options?: Options) => Promise<FastifyInstance> = app.buildApp
