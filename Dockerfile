# The same Bun that package.json pins; the executable carries its own, so nothing of this stage is shipped but one file.
FROM node:20-bookworm-slim AS build
WORKDIR /src
COPY package.json bun.lock bunfig.toml ./
RUN npm install --global bun@1.4.5 && bun install --frozen-lockfile
COPY . .
RUN bun run build && mkdir -p /out/data && cp dist/quackback-segment /out/

# Nothing but Debian's C library is needed: certificates of the authorities are part of the executable.
FROM debian:bookworm-slim
COPY --from=build /out/quackback-segment /usr/local/bin/quackback-segment
COPY --from=build --chown=65532:65532 /out/data /data
ENV HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
USER 65532:65532
WORKDIR /data
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["quackback-segment", "healthcheck"]
ENTRYPOINT ["quackback-segment"]
CMD ["serve"]
