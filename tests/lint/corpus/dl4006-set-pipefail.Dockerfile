FROM debian:12
RUN set -o pipefail && a | b
RUN set -euxo pipefail; a | b
