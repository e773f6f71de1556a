// An ES module's import of `node:http` reads every one of its exports, and with them loads Node's own client for fetch and
// WebSocket: 3 MB of a process that has no use for it. This is the one place that knows.
export const { Server, STATUS_CODES } = process.getBuiltinModule('node:http')
