FROM golang:1.22 AS build
FROM node:22 AS build
