"""The tests: `unit/` mirrors the package, `support/` holds the real servers that they use."""
