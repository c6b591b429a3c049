FROM node:22
RUN npm install && npm install --omit=dev
