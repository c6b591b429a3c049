FROM debian

