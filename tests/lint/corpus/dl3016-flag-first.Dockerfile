FROM node:22
RUN npm --prefix /srv install express
