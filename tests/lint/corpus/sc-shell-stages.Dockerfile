FROM debian:12 AS one
RUN [[ a = b ]]
SHELL ["/bin/bash", "-c"]
RUN [[ a = b ]]
FROM one AS two
RUN [[ a = b ]]
SHELL ["/bin/sh", "-c"]
RUN [[ a = b ]]
FROM two
RUN [[ a = b ]]
