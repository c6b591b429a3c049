FROM debian:12
COPY --from=busybox:1.36 /bin/busybox /bin/busybox
COPY --from=busybox /bin/busybox /bin/other
