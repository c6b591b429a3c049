FROM debian:12
ARG STAGE=x
COPY --from=$STAGE /a /a
