FROM debian:12 AS build
RUN apt-get update && make
FROM debian:12-slim
COPY --from=build /out /out
