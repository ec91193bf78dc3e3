FROM registry.example.com/golang:1.26@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc AS build
COPY platform/adapter/ /platform/adapter/
RUN cd /platform/adapter && \
    CGO_ENABLED=0 GOFLAGS=-mod=mod go build -trimpath -ldflags="-s -w" ./...
COPY platform/module/ /platform/module/
RUN mkdir -p /src && \
    cp /platform/module/go.mod /src/go.mod && \
    cd /src && \
    CGO_ENABLED=0 GOFLAGS=-mod=mod go mod download -modfile=/platform/module/go.mod
COPY code/ /src/
RUN cd /src && \
    mkdir -p zz_knative_lambda/adapter /src/zz_knative_lambda/program && \
    cp /platform/adapter/serve.go zz_knative_lambda/adapter/ && \
    cp /platform/module/main.go.txt /src/zz_knative_lambda/program/zz_knative_lambda_main.go && \
    CGO_ENABLED=0 GOFLAGS=-mod=mod go build -trimpath -ldflags="-s -w" -modfile=/platform/module/go.mod -o /out/function ./zz_knative_lambda/program

FROM registry.example.com/alpine:3.22@sha256:dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd
COPY --from=build /out/function /function
ENV HOME=/tmp
USER 65532:65532
CMD ["/function"]
