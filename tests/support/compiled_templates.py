"""What Jinja has compiled, kept for all applications that the tests of a worker make: else half of what a page takes."""

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class _InMemory(BytecodeCache):
    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


def keep_templates() -> None:
    """Let every application of this process use what another has compiled of the same text."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": _InMemory()}
