"""The vocabulary that every room shares: frozen values, no I/O, no framework.

A delivery is read into these values, the catalogue keeps them, the builders of manifests and records read them.
"""
