FROM golang:1.22 AS a
FROM node:22 AS b
FROM debian:12 AS a
