FROM registry.example.com/node:22-slim@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb AS build
COPY platform/ /platform/
RUN cd /platform && \
    npm ci --omit=dev --ignore-scripts --no-audit --no-fund --no-update-notifier && \
    find node_modules -type f \( -name "*.d.ts" -o -name "*.map" \) -delete && \
    rm -rf /root/.npm
COPY code/package.json /function/code/
RUN cd /function/code && \
    npm install --no-package-lock --omit=dev --no-audit --no-fund --no-update-notifier && \
    mkdir -p node_modules && \
    rm -rf /root/.npm

FROM registry.example.com/node:22-slim@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
COPY --from=build /platform /function
COPY --from=build /function/code/node_modules /function/code/node_modules
COPY code/ /function/code/
ENV NODE_ENV=production HOME=/tmp FUNCTION_TARGET=handler HANDLER_FILE=index.mjs
USER 65532:65532
CMD ["node", "/function/start.cjs"]
