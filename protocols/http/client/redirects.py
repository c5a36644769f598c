# Copyright the carryall authors.  See LICENSE.
"""Redirects: their target, and the request that follows (RFC 9110 section 15.4).

Method:   301, 302: POST becomes GET, as in all clients; 303: all but HEAD become GET; 307, 308: no
          change.  If the body is dropped, the fields that describe it are too.
Origin:   no credentials are sent to another origin (scheme, host, port): RFC 9110 section 15.4
          tells to remove Authorization and Cookie, among others.
Tests:    tests/protocols/http/client/test_redirects.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.errors import LocalProtocolError
from carryall.protocols.http.client.clienturl import parse_url
from carryall.protocols.http.fields.headerfields import MutableHeaders
from carryall.core.codec.uri import join_uri, percent_encode, resolve, split_uri
from carryall.protocols.http.errors import HTTPError

__all__ = ['encoded_reference', 'follow', 'new_location', 'new_method']

REDIRECTS = frozenset((301, 302, 303, 307, 308))
IN_URL = bytes(bytearray(number for number in range(0x21, 0x7f) if number not in bytearray(b'"<>')))

# Fields that describe a body, without which they are dropped; and fields for one origin alone.
OF_THE_BODY = (b'content-type', b'content-length', b'content-encoding', b'content-language',
               b'content-location',
               b'content-disposition', b'digest', b'content-digest', b'repr-digest',
               b'last-modified')
OF_THE_ORIGIN = (b'authorization', b'cookie', b'proxy-authorization', b'host', b'origin',
                 b'referer')


def new_location(status, headers, base, settings):
    # type: (int, Headers, Location, Settings) -> Optional[Location]
    """The target of a redirect that answers a request for *base*; None for any other response.

    Args:     settings: with `location_blanks`, octets that a URL cannot hold are encoded.
    Raises:   HTTPError: several Locations, or one that is not an http or https URL.
    """
    values = headers.get_all(b'location') if status in REDIRECTS else []
    if not values:
        return None
    if len(values) > 1:
        raise HTTPError(u'a redirect with several Locations')
    try:
        reference = encoded_reference(values[0]) if settings.location_blanks else values[0]
        return parse_url(resolve(base.url, reference))
    except LocalProtocolError as exc:
        raise HTTPError(u'a redirect that cannot be followed: %s' % exc.message)


def encoded_reference(reference):
    # type: (bytes) -> bytes
    """*reference* as a browser reads it (WHATWG URL section 4.4): without tabs, with blanks and the
    like percent-encoded.

    The octets before path and query stay unchanged: a blank in a host is always an error.
    """
    reference = reference.replace(b'\t', b'').strip(b' ')
    uri = split_uri(reference)
    query = None if uri.query is None else percent_encode(uri.query, IN_URL)
    return join_uri(uri._replace(path=percent_encode(uri.path, IN_URL), query=query))


def new_method(method, status):
    # type: (bytes, int) -> bytes
    """The method of the request that follows a redirect (RFC 9110 sections 15.4.2 to 15.4.9)."""
    if status == 303 and method != b'HEAD' or status in (301, 302) and method == b'POST':
        return b'GET'
    return method


def follow(headers, same_origin, keeps_body):
    # type: (MutableHeaders, bool, bool) -> MutableHeaders
    """The caller's fields, without those that must not follow a redirect."""
    kept = MutableHeaders(headers)
    dropped = (() if same_origin else OF_THE_ORIGIN) + (() if keeps_body else OF_THE_BODY)
    for name in dropped:
        kept.remove(name)
    return kept


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional
    from carryall.protocols.http.client.clienturl import Location
    from carryall.protocols.http.fields.headerfields import Headers
    from carryall.protocols.http.client.settings import Settings
