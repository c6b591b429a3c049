FROM debian:12
LABEL contact="ann@example.com" created="2024-01-01T00:00:00Z" version=1.0.0 site="https://example.com" licence="Apache-2.0" revision="d670460b4b4aece5915caf5c68d12f560a9fe3e4"
