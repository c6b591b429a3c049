FROM debian:12
LABEL it="https://example.com/a?b=c#d"
LABEL it="urn:isbn:123"
