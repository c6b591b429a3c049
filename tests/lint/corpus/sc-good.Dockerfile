FROM debian:12
ENV a=1
RUN apt-get update \
  && apt-get install -y --no-install-recommends curl \
  && rm -rf /var/lib/apt/lists/*
RUN set -eux; cd /app; for f in ./*.c; do cc -c "$f"; done
RUN if [ -n "$a" ]; then echo "$a"; fi
RUN printf "%s\n" "$(uname -m)"
