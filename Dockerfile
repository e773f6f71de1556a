# syntax=docker/dockerfile:1
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run -s build
# The image has a Node of its own.
RUN npm prune --omit=dev && rm -rf node_modules/node-linux-* node_modules/.cache
# Started once, because nobody can keep compiled code where the root file system is read-only.
RUN VISAGE_PORT=0 VISAGE_DATA_DIR=/tmp/data timeout --signal=TERM 5 node -r ./dist/src/needs-node.cjs dist/src/server.js; rm -rf /tmp/data

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production VISAGE_HOST=0.0.0.0 VISAGE_DATA_DIR=/data
COPY --from=build /app/package.json ./
COPY --from=build /app/dist ./dist
COPY --from=build /app/node_modules ./node_modules
RUN install -d -o node -g node -m 700 /data && printf '#!/bin/sh\nexec node -r /app/dist/src/needs-node.cjs /app/dist/src/cli.js "$@"\n' > /usr/local/bin/visage && chmod 755 /usr/local/bin/visage
USER node
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.VISAGE_PORT || 3000}/health/live`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "-r", "./dist/src/needs-node.cjs", "dist/src/server.js"]
