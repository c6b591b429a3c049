FROM --platform=linux/$TARGETARCH debian:12
