FROM debian:12
LABEL name="Zoë ☃"
RUN echo ☃ && sudo é
