# Copyright the carryall authors.  See LICENSE.
"""Line ends of TYPE A (RFC 959 section 3.1.1.1), cut anywhere."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.testing import chunkings
from carryall.protocols.ftp.textmode import FromNetwork, ToNetwork


@pytest.mark.parametrize('stored, sent', [
    (b'', b''), (b'a\nb\n', b'a\r\nb\r\n'), (b'a\r\nb\n', b'a\r\nb\r\n'), (b'a\rb', b'a\rb'),
    (b'\n\n', b'\r\n\r\n'),
    (b'a\r', b'a\r'), (b'\r\r\n', b'\r\r\n'), (b'\xff\n', b'\xff\r\n'), (b'x' * 1000, b'x' * 1000)])
def test_to_the_network(stored, sent):
    for name, pieces in chunkings(stored):
        out = ToNetwork()
        assert b''.join(out.convert(piece) for piece in pieces) == sent, name


@pytest.mark.parametrize('sent, stored', [
    (b'', b''), (b'a\r\nb\r\n', b'a\nb\n'), (b'a\nb', b'a\nb'), (b'a\rb', b'a\rb'),
    (b'a\r', b'a\r'), (b'\r\r\n', b'\r\n'),
    (b'\r\n\r\n', b'\n\n')])
def test_from_the_network(sent, stored):
    for name, pieces in chunkings(sent):
        came = FromNetwork()
        assert b''.join(came.convert(piece) for piece in pieces) + came.finish() == stored, name
