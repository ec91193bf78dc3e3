FROM registry.example.com/golang:1.26@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc AS build
COPY platform/module/ /platform/module/
COPY code/ /src/
RUN cd /src && \
    CGO_ENABLED=0 GOFLAGS=-mod=mod go build -trimpath -ldflags="-s -w" -modfile=/platform/module/go.mod -o /out/function .

FROM registry.example.com/alpine:3.22@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
COPY --from=build /out/function /function
ENV HOME=/tmp
USER 65532:65532
CMD ["/function"]
