FROM node:22
RUN yarn install
FROM node:22 AS a
