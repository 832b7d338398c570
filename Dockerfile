# syntax=docker/dockerfile:1
# Launchlog in a small image that runs without root and writes only to /data. How it is tested: docs/deployment/README.md
# For a build that can be repeated, name the image by its digest: --build-arg NODE_IMAGE=node@sha256:… (docs/deployment/README.md).
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /launchlog
COPY . .
RUN npm ci && npm run build:server

FROM ${NODE_IMAGE} AS production
WORKDIR /launchlog
# npm needs the package.json of every workspace in the lock file, but only one workspace is installed.
COPY .npmrc package.json package-lock.json ./
COPY shared/package.json shared/
COPY server/package.json server/
COPY server/console/package.json server/console/
COPY client-sdk/package.json client-sdk/
COPY test/package.json test/
RUN npm ci --omit=dev --workspace=@launchlog/server

FROM ${NODE_IMAGE}
WORKDIR /launchlog
COPY --from=production /launchlog ./
COPY --from=build /launchlog/server/bundle server/bundle/
COPY --from=build /launchlog/server/console/dist server/console/dist/
COPY --from=build /launchlog/server/prepared server/prepared/
RUN mkdir /data && chown 1000:1000 /data
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATA_DIR=/data
# The user `node`, by number: from a name, Kubernetes cannot know that the user is not root.
USER 1000:1000
VOLUME ["/data"]
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Without npm, which would stand between the container's signals and the server.
CMD ["node", "server/bundle/main.js"]
