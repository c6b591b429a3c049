FROM debian:12
RUN echo "$http_proxy" "$HTTPS_PROXY" $no_proxy $FTP_PROXY
RUN echo "$all_proxy"
RUN echo $TARGETARCH
ARG TARGETARCH
RUN echo $TARGETARCH
