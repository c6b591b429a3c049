FROM debian:12
RUN apt-get install -y --no-install-recommends curl=7.88.1-10 'git=1:2.39*' "jq=${JQ_VERSION}"
