FROM node:22
RUN yarn install
FROM nginx:1.27
FROM node:22
