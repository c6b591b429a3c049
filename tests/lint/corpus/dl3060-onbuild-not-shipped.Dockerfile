FROM node:22 AS build
ONBUILD RUN yarn install
FROM nginx:1.27
