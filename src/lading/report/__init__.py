"""The report document -> one module per format."""
