// An application without anything in it: what a start and a megabyte are compared with.
import Fastify from 'fastify'

const app = Fastify()
app.get('/', async () => ({}))
await app.listen({ host: '127.0.0.1', port: Number(process.argv[2]) })
