# Copyright the carryall authors.  See LICENSE.
"""AUTHINFO, STARTTLS and COMPRESS (RFC 4643, RFC 4642, RFC 8054)."""
from __future__ import absolute_import, division, print_function

import base64
import zlib

import pytest

from carryall.core.testing import NullTLS, VirtualLoop
from carryall.core.tls import Identity, TLSContext
from carryall.protocols.nntp import Settings
from tests.protocols.nntp.newsstand import make_room, said, visited

ACCOUNTS = {u'ann': b'secret'}
TLS = TLSContext(Identity('server.pem'))      # NullTLS reads no file


def standing(**settings):
    """(loop, transport) of a server with an account."""
    loop = VirtualLoop(tls=NullTLS())
    wire, _ = visited(make_room(loop, 1, ACCOUNTS), loop, Settings(**settings))
    return loop, wire


@pytest.mark.parametrize('said_first, reply', [
    (b'AUTHINFO PASS secret', b'482 AUTHINFO USER comes first'),
    (b'AUTHINFO USER', b'501 Syntax: AUTHINFO USER name|PASS password|SASL mechanism [response]'),
    (b'AUTHINFO GENERIC x', b'501 Syntax: AUTHINFO USER name|PASS password|SASL mechanism [response]'),
    (b'AUTHINFO SASL NONSENSE', b'503 Mechanism not recognized'),
    (b'AUTHINFO SASL PLAIN !!', b'482 Invalid base64, or out of sequence')])
def test_logins_out_of_order(said_first, reply):
    loop, wire = standing(clear_auth=True)
    assert said(wire, loop, said_first + b'\r\n') == reply + b'\r\n'


def test_a_name_and_a_password_log_in():
    loop, wire = standing(clear_auth=True, need_account=True)
    assert said(wire, loop, b'GROUP misc.test\r\n') == b'480 Authentication required\r\n'
    assert said(wire, loop, b'AUTHINFO USER ann\r\n') == b'381 Enter the password\r\n'
    assert said(wire, loop, b'authinfo pass secret\r\n') == b'281 Authentication accepted\r\n'
    assert said(wire, loop, b'GROUP misc.test\r\n')[:3] == b'211'
    assert said(wire, loop, b'AUTHINFO USER ann\r\n') == b'502 Command unavailable\r\n'


def test_a_wrong_password_is_refused():
    loop, wire = standing(clear_auth=True)
    said(wire, loop, b'AUTHINFO USER ann\r\n')
    assert said(wire, loop, b'AUTHINFO PASS wrong\r\n') == b'481 Authentication failed\r\n'


def test_passwords_in_clear_are_refused_before_they_are_sent():
    loop, wire = standing()
    assert said(wire, loop, b'AUTHINFO USER ann\r\n') == b'483 Encryption required\r\n'
    assert said(wire, loop, b'AUTHINFO SASL PLAIN\r\n') == b'483 Encryption required\r\n'


def test_sasl_plain_with_and_without_an_initial_response():
    word = base64.b64encode(b'\0ann\0secret')
    loop, wire = standing(clear_auth=True)
    assert b'\r\nSASL ' in said(wire, loop, b'CAPABILITIES\r\n')
    assert said(wire, loop, b'AUTHINFO SASL PLAIN ' + word + b'\r\n') == \
        b'281 Authentication accepted\r\n'
    assert b'AUTHINFO' not in said(wire, loop, b'CAPABILITIES\r\n')
    loop, wire = standing(clear_auth=True)
    assert said(wire, loop, b'AUTHINFO SASL PLAIN\r\n') == b'383 =\r\n'
    assert said(wire, loop, word + b'\r\n') == b'281 Authentication accepted\r\n'
    loop, wire = standing(clear_auth=True)
    said(wire, loop, b'AUTHINFO SASL PLAIN\r\n')
    assert said(wire, loop, b'*\r\n') == b'481 Authentication aborted as requested\r\n'


def test_a_server_without_accounts_has_no_logins():
    loop = VirtualLoop()
    wire, _ = visited(make_room(loop), loop)
    assert said(wire, loop, b'AUTHINFO USER ann\r\n') == b'503 Authentication is not available\r\n'


def test_tls_begins_and_what_came_before_it_is_forgotten(expect_log):
    """RFC 4642 section 2.2.2."""
    seen = expect_log('discarded')
    loop, wire = standing(tls=TLS, clear_auth=True)
    assert b'\r\nSTARTTLS\r\n' in said(wire, loop, b'CAPABILITIES\r\n')
    said(wire, loop, b'GROUP misc.test\r\nAUTHINFO USER ann\r\n')
    assert said(wire, loop, b'STARTTLS\r\nAUTHINFO USER eve\r\n') == \
        b'382 Continue with TLS negotiation\r\n'
    assert len(seen) == 1
    assert said(wire, loop, b'STAT\r\n') == b'412 No newsgroup selected\r\n'
    assert said(wire, loop, b'AUTHINFO PASS secret\r\n') == b'482 AUTHINFO USER comes first\r\n'
    assert said(wire, loop, b'STARTTLS\r\n') == b'502 Command not permitted now\r\n'


def test_tls_that_is_not_there_is_refused():
    loop, wire = standing()
    assert said(wire, loop, b'STARTTLS\r\n') == b'580 TLS is not available\r\n'


def test_there_is_no_starttls_behind_a_login_or_compression():
    loop, wire = standing(tls=TLS, clear_auth=True)
    said(wire, loop, b'AUTHINFO USER ann\r\nAUTHINFO PASS secret\r\n')
    assert said(wire, loop, b'STARTTLS\r\n') == b'502 Command not permitted now\r\n'
    assert b'STARTTLS' not in said(wire, loop, b'CAPABILITIES\r\n')


class Deflated(object):
    """The client's side of a compressed connection."""

    def __init__(self, loop, wire):
        self._loop = loop
        self._wire = wire
        self._out = zlib.compressobj(6, zlib.DEFLATED, -15)
        self._in = zlib.decompressobj(-15)

    def packed(self, data):
        return self._out.compress(data) + self._out.flush(zlib.Z_SYNC_FLUSH)

    def said(self, data):
        return self._in.decompress(said(self._wire, self._loop, self.packed(data)))


def test_a_compressed_connection_answers_as_a_plain_one():
    loop, wire = standing(clear_auth=True)
    client = Deflated(loop, wire)
    answer = said(wire, loop, b'COMPRESS DEFLATE\r\n' + client.packed(b'GROUP misc.test\r\n'))
    assert answer.startswith(b'206 Compression active\r\n')
    assert client._in.decompress(answer[24:]) == b'211 1 1 1 misc.test\r\n'
    assert client.said(b'STAT\r\nSTAT 2\r\n') == \
        b'223 1 <1@example.org>\r\n423 No article with that number\r\n'
    assert client.said(b'COMPRESS DEFLATE\r\n') == b'502 Compression is already active\r\n'
    assert client.said(b'AUTHINFO USER ann\r\n') == b'502 Command unavailable\r\n'
    assert client.said(b'STARTTLS\r\n') == b'502 Command not permitted now\r\n'
    capabilities = client.said(b'CAPABILITIES\r\n')
    for label in (b'COMPRESS', b'AUTHINFO', b'STARTTLS'):
        assert label not in capabilities


def test_an_unknown_algorithm_is_refused():
    loop, wire = standing()
    assert said(wire, loop, b'COMPRESS ZSTD\r\n') == b'503 Compression algorithm not supported\r\n'


def test_octets_that_are_not_compressed_end_the_connection():
    loop, wire = standing()
    said(wire, loop, b'COMPRESS DEFLATE\r\n')
    wire.feed(b'\xff\xff\xffGROUP misc.test\r\n')
    loop.advance(0.0)
    assert wire.aborted


def test_a_few_octets_that_become_many_are_taken_piece_by_piece():
    loop, wire = standing()
    said(wire, loop, b'COMPRESS DEFLATE\r\n')
    client = Deflated(loop, wire)
    bomb = client.packed(b'x' * (8 << 20) + b'\r\nDATE\r\n')
    assert len(bomb) < 20000
    answer = b''
    for start in range(0, len(bomb), 4096):
        answer += client._in.decompress(said(wire, loop, bomb[start:start + 4096]))
    for _ in range(5):
        loop.advance(0.0)
        answer += client._in.decompress(wire.take())
    assert answer.startswith(b'501 Line too long\r\n111 ')
