FROM node:22
RUN npm run install-all && npm i tool && npm uninstall tool
