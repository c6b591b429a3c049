"""What is there: one module per package database or manifest format."""
