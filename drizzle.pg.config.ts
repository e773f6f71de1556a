import { defineConfig } from 'drizzle-kit'
export default defineConfig({ dialect: 'postgresql', schema: './src/db/postgres/schema.pg.ts', out: './migrations-pg' })
