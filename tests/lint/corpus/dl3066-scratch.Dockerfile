FROM scratch
USER nonroot
