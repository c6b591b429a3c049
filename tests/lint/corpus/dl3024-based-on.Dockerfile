FROM golang:1.22 AS base
FROM base AS test
FROM base AS app
