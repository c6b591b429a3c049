FROM node:22 AS build
RUN yarn install
FROM nginx:1.27
COPY --from=build /a /a
