FROM debian:latest

