# Copyright the carryall authors.  See LICENSE.
"""The laws of the seam (doc/design.md section 4), one module a law, each test over every backend.

A test that asks for ``loop`` runs on every backend of this interpreter and on the virtual loop.  A
test that asks for ``machine`` runs on the real backends alone, because it is about threads, files
or the system.
"""
