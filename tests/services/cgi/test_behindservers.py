# Copyright the carryall authors.  See LICENSE.
"""Requests that another server has taken, as applications of WSGI and ASGI see them."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.cgi import request_of
from carryall.services.asgi.asgiscope import Scopes
from carryall.services.wsgi import Settings
from carryall.services.wsgi.environs import Environs


def _behind(client, transport=None):
    """A request that another server has taken over TLS from a client."""
    return request_of({b'REQUEST_METHOD': b'GET', b'REQUEST_URI': b'/', b'HTTPS': b'on',
                       b'REMOTE_ADDR': client}, transport)


def test_the_server_before_us_tells_asgi_of_https():
    assert Scopes().http(_behind(b'192.0.2.1'))['scheme'] == 'https'


def test_each_request_of_the_server_before_us_has_its_client():
    scopes = Scopes()
    transport = object()
    scopes.http(_behind(b'192.0.2.1', transport))
    assert scopes.http(_behind(b'192.0.2.2', transport))['client'][0] == '192.0.2.2'


@pytest.mark.parametrize('name, value', [('wsgi.url_scheme', 'https'), ('HTTPS', 'on')])
def test_the_server_before_us_tells_wsgi_of_https(name, value):
    assert Environs(Settings(), None).of(_behind(b'192.0.2.1'))[name] == value
