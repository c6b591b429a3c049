FROM \
  --platform=linux/amd64 \
  debian:12
LABEL \
  team=me \
  other=1
