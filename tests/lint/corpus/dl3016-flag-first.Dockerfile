FROM node:22
RUN npm -g install yarn
