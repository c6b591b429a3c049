FROM debian:12 AS build
FROM build
FROM debian:12 AS other
FROM other AS third

