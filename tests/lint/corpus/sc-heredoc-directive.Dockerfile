FROM debian:12
RUN <<EOF
# shellcheck disable=SC2086
cp $HOME /b
cp $HOME /c
EOF
