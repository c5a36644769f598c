# Copyright the carryall authors.  See LICENSE.
"""Requests that pages of other sites have sent are refused (WEB-13)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.protocols.http import Headers, Response
from carryall.services.web.origincheck import refuse_foreign


class Asked(object):
    """As much of a request as the check needs."""

    def __init__(self, method, fields):
        self.method = method
        self.headers = Headers([(b'Host', b'shop.example')] + fields)


def status(method, *fields, **more):
    """The status of a request with these fields."""
    app = refuse_foreign(lambda request: Response(200), **more)
    return app(Asked(method, list(fields))).status


def site(value):
    """Sec-Fetch-Site, as a browser sends it."""
    return b'Sec-Fetch-Site', value


def origin(value):
    """Origin, as a browser sends it."""
    return b'Origin', value


@pytest.mark.parametrize('fields', [
    [], [site(b'same-origin')], [site(b'none')], [origin(b'https://shop.example')],
    [origin(b'http://shop.example')], [origin(b'https://SHOP.example')],
    [site(b'same-origin'), origin(b'https://shop.example:9')]])
def test_a_request_of_the_site_itself_passes(fields):
    """A program that says neither passes too: no browser added cookies to it."""
    assert status(b'POST', *fields) == 200


@pytest.mark.parametrize('fields', [
    [site(b'cross-site')], [site(b'same-site')], [site(b'')], [site(b'none'), site(b'none')],
    [origin(b'https://other.example')], [origin(b'null')], [origin(b'')],
    [origin(b'https://shop.example:8443')], [origin(b'https://shop.example.other')],
    [origin(b'ftp://shop.example')], [origin(b'https://shop.example'), origin(b'null')],
    [site(b'cross-site'), origin(b'https://shop.example')]])
@pytest.mark.parametrize('method', [b'POST', b'PUT', b'DELETE', b'PATCH', b'QUERY'])
def test_a_request_of_another_site_is_refused(method, fields):
    """Each unsafe method; a site of the same domain is another site."""
    assert status(method, *fields) == 403


@pytest.mark.parametrize('method', [b'GET', b'HEAD', b'OPTIONS'])
def test_a_link_from_another_site_works(method):
    assert status(method, site(b'cross-site')) == 200


def test_an_origin_that_is_trusted_passes():
    assert status(b'POST', site(b'cross-site'), origin(b'https://pay.example'),
                  trusted=[b'https://pay.example']) == 200


def test_a_host_with_a_port_is_compared_with_it():
    asked = Asked(b'POST', [origin(b'http://shop.example:8080')])
    asked.headers = Headers([(b'Host', b'shop.example:8080'),
                             origin(b'http://shop.example:8080')])
    assert refuse_foreign(lambda request: Response(200))(asked).status == 200
