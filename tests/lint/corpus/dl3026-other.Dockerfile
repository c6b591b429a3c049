FROM ghcr.io/a/b:1
