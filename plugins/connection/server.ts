import { lookup } from 'node:dns'
import type { IncomingMessage, RequestListener, ServerOptions, ServerResponse } from 'node:http'
import { Server as Listener } from 'node:net'
import type { ListenOptions, Socket } from 'node:net'
import { STOP } from '../../src/stop.ts'
import { onClientError } from './client-error.ts'
import { askWhenWanted, refuseExpectation } from './expectation.ts'
import { Server } from './http.ts'
import { endWhenIdle, isIdle, owed } from './idle.ts'
import { isLingering, linger } from './linger.ts'

/** Nobody is let in for longer than this once the server is to close, however many come. */
const LET_IN_MS = 100
/** A turn of the event loop in which nothing but the kernel was asked takes a few microseconds. */
const QUIET_TURN_MS = 0.05

/**
 * The HTTP server of an application of our own; another application decides for itself how it stops. Closing it lets in
 * nobody new, answers whoever is connected, and ends each connection in good order.
 */
export class OwnServer extends Server {
  readonly #open = new Set<Socket>()
  readonly #others: Listener[] = []
  #accepted = 0
  #isLettingIn = false
  #isClosing = false

  constructor (options: ServerOptions, onRequest: RequestListener) {
    super(options, onRequest)
    this.on('connection', (socket: Socket) => {
      this.#accepted++
      this.#open.add(socket)
      // A tick later, because its first reading begins in this one.
      if (this.#isLettingIn) process.nextTick(() => socket.pause())
      socket.once('close', () => this.#open.delete(socket))
    })
    // A kept connection over which nothing has come for long. Node would destroy it, and reset a request that is on its way.
    this.on('timeout', linger)
    this.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      askWhenWanted(request, response)
      this.emit('request', request, response)
    })
    this.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
      refuseExpectation(request, response)
      this.emit('refused', request.socket, response.statusCode)
    })
  }

  /** `localhost` may be two addresses. Fastify would make a second server for the other one, which it closes too late. */
  override listen (...args: unknown[]): this {
    const [options] = args as [ListenOptions]
    if (options.host !== 'localhost') return super.listen(options)
    lookup('localhost', { all: true }, (error, addresses) => {
      const [first, ...others] = error ? [] : addresses
      this.once('listening', () => { for (const { address } of others) this.#listenAt(address) })
      super.listen({ ...options, host: first?.address ?? options.host })
    })
    return this
  }

  #listenAt (host: string): void {
    const address = this.address()
    if (address === null || typeof address === 'string') return
    const other = new Listener({ allowHalfOpen: true, noDelay: true }, (socket) => { this.emit('connection', socket) })
    // An address that cannot be had is done without, as long as the first one could.
    other.on('error', () => {}).listen({ host, port: address.port })
    this.#others.push(other)
  }

  /**
   * Begins to close, once whoever has connected so far has been let in: the kernel resets those that nobody has accepted.
   * Meanwhile nothing is read, because whoever gets an answer may be the next to connect.
   */
  async beginClose (): Promise<void> {
    this.#isLettingIn = true
    for (const socket of this.#open) socket.pause()
    await new Promise<void>((resolve) => { this.#onceNobodyWaits(resolve) })
    this.#isLettingIn = false
    for (const socket of this.#open) socket.resume()
  }

  /**
   * Closes when two turns of the event loop in a row let nobody in, one being accepted in each, and the last of them was so
   * short that hardly anybody can have come since the kernel was asked.
   */
  #onceNobodyWaits (done: () => void): void {
    const giveUp = performance.now() + LET_IN_MS
    let known = -1
    let quiet = 0
    let began = 0
    const onTurn = (): void => {
      const now = performance.now()
      quiet = this.#accepted === known && now - began < QUIET_TURN_MS ? quiet + 1 : 0
      if (quiet === 2 || now > giveUp) {
        // Before anything else, as `close` has more to do first.
        Listener.prototype.close.call(this)
        this.close()
        done()
        return
      }
      known = this.#accepted
      began = now
      setImmediate(onTurn)
    }
    setImmediate(onTurn)
  }

  override close (done?: (error?: Error) => void): this {
    if (!this.#isClosing) {
      this.#isClosing = true
      setTimeout(() => { for (const socket of this.#open) refuse(socket) }, STOP.arriving).unref()
      setTimeout(() => this.closeAllConnections(), STOP.connections).unref()
    }
    let left = 1 + this.#others.length
    const onClosed = (error?: Error) => { if (--left === 0) done?.(error) }
    for (const other of this.#others) other.close(onClosed)
    return super.close(onClosed)
  }

  /** Node destroys them, and so resets those over which a request is on its way. Called by `close`. */
  override closeIdleConnections (): void {
    for (const socket of this.#open) endWhenIdle(socket)
  }
}

/** The time for requests to arrive is over. */
function refuse (socket: Socket): void {
  const request = owed(socket)?.req
  if (isLingering(socket) || request?.complete === true) return
  if (isIdle(socket)) linger(socket)
  // A request whose body nobody reads yet will be answered without it.
  else if (request === undefined || request.listenerCount('error') > 0) onClientError(Object.assign(new Error('the server stops'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket)
}
