FROM node:22 AS build
RUN yarn install
FROM build AS more
FROM nginx:1.27
