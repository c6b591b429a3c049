FROM node:22 AS build
RUN yarn install
FROM build
RUN x
