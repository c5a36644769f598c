# Copyright the carryall authors.  See LICENSE.
"""The schemes of databases that need no driver of the runtime.

Written by ``admin/manifests`` from the manifests; ``admin/check catalogue`` compares.

Tests:    tests/app/test_databases.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['SCHEMES']

# scheme: module that makes drivers
SCHEMES = {
    'postgresql': 'carryall.protocols.postgresql.pgdriver',
}
