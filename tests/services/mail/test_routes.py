# Copyright the carryall authors.  See LICENSE.
"""Routes of the mail of a domain."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import CarryallError
from carryall.core.future import completed, failed
from carryall.core.testing import VirtualLoop
from carryall.services.mail.routes import NoMail, Routes


def find(routes, domain):
    return routes.find(VirtualLoop({'has.example': ['192.0.2.7']}), domain).result()


def test_the_most_exact_route_counts():
    routes = Routes({'a.example': ('h', 1), '.a.example': ('h', 2), '.example': ('h', 3)})
    assert find(routes, b'A.Example') == [('h', 1)]
    assert find(routes, b'x.y.a.example') == [('h', 2)]
    assert find(routes, b'b.example') == [('h', 3)]
    assert find(routes, b'[192.0.2.1]') == [('192.0.2.1', 25)]
    assert find(routes, b'[IPv6:2001:db8::1]') == [('2001:db8::1', 25)]
    assert find(Routes({'*': ('h', 9)}), b'any') == [('h', 9)]
    assert find(Routes({'*': ('h', 9)}), b'[192.0.2.1]') == [('h', 9)]
    assert find(Routes({'a': ('h', 1)}, ('smart', 25)), b'b') == [('smart', 25)]
    assert find(Routes({'xn--bcher-kva.example': ('h', 1)}),
                u'b\xfccher.example'.encode('utf-8')) == [('h', 1)]


def test_a_domain_without_a_route_is_resolved():
    assert find(Routes(), b'has.example') == [('has.example', 25)]
    with pytest.raises(CarryallError):
        find(Routes(), b'nowhere.example')
    assert find(Routes(resolver=lambda loop, name: completed([('mx.' + name, 25)])),
                b'a.example') == [('mx.a.example', 25)]
    for domain in (b'\xff', b'[x-tag:y]', b'a' * 100 + b'.example'):
        with pytest.raises(NoMail):
            find(Routes(resolver=lambda loop, name: failed(NoMail(u'null MX'))), domain)
