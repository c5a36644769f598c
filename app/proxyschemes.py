# Copyright the carryall authors.  See LICENSE.
"""The schemes of proxies.

Written by ``admin/manifests`` from the manifests; ``admin/check catalogue`` compares.

Tests:    tests/app/test_proxies.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['SCHEMES']

# scheme: (default port, the proxy resolves names, module that connects)
SCHEMES = {
    'socks4': (1080, False, 'carryall.protocols.socks.client'),
    'socks4a': (1080, True, 'carryall.protocols.socks.client'),
    'socks5': (1080, False, 'carryall.protocols.socks.client'),
    'socks5h': (1080, True, 'carryall.protocols.socks.client'),
    'http': (3128, True, 'carryall.protocols.socks.client'),
}
