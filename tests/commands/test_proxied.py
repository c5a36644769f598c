# Copyright the carryall authors.  See LICENSE.
"""``--proxy`` of the client commands."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.app.options import Schema
from carryall.app.proxies import SCHEMES, Through
from carryall.commands import proxied
from carryall.core.testing import VirtualLoop

SCHEMA = Schema([proxied.OPTION])


@pytest.fixture
def loop():
    return VirtualLoop()


def test_without_a_proxy_the_loop_itself_connects(loop):
    assert proxied.through(loop, SCHEMA.parse([])) is loop


@pytest.mark.parametrize('scheme', sorted(SCHEMES))
def test_a_proxy_is_used_with_its_password_from_the_environment(loop, monkeypatch, scheme):
    monkeypatch.setenv('CARRYALL_PROXY_PASSWORD', 'secret')
    made = proxied.through(loop, SCHEMA.parse(['--proxy', scheme + '://ann@127.0.0.1:1080']))
    assert isinstance(made, Through)
    assert (made._proxy.username, made._proxy.password) == (u'ann', u'secret')
