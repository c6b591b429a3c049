FROM debian:12
LABEL it="Apache-2.0"
LABEL it="GPL-3.0-or-later"
