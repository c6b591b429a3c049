FROM debian:12
SHELL ["bash", "-o", "pipefail", "-c"]
RUN [[ -n $HOME ]] && x=(a)
FROM debian:12
RUN [[ -n $HOME ]]
