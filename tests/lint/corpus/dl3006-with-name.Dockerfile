FROM debian AS build

