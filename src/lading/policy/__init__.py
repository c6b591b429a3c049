"""Report -> decision: exceptions, VEX."""
