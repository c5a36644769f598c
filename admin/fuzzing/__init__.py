# Copyright the carryall authors.  See LICENSE.
"""The fuzzer: mutates scripts, keeps those that reach new code, stops at what should not be.

What is fuzzed and what must hold stands in ``tests/fuzz``,
so that the suite replays the corpus on every runtime.
"""
