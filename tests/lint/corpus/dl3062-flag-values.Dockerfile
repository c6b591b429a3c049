FROM golang:1.23
RUN go install -tags netgo -mod vendor ./...
COPY a /a
RUN go run -exec wrapper ./cmd/tool
