FROM debian:12
RUN yarn run install
