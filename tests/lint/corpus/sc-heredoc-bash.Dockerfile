FROM debian:12
RUN <<EOF
#!/bin/bash
x=(a b)
echo "${x[@]}"
EOF
