FROM node:22
RUN npm install ./a ../b /c ~/d e.tgz f.tar.gz
