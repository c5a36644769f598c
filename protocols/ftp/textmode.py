# Copyright the carryall authors.  See LICENSE.
"""Line ends of TYPE A: CRLF on the wire, LF in the file (RFC 959 section 3.1.1.1).

Tests:    tests/protocols/ftp/test_textmode.py
"""
from __future__ import absolute_import, division, print_function

__all__ = ['FromNetwork', 'ToNetwork']


class ToNetwork(object):
    """Converts LF to CRLF; a CRLF stays."""

    __slots__ = ('_after_cr',)

    def __init__(self):
        # type: () -> None
        self._after_cr = False

    def convert(self, data):
        # type: (bytes) -> bytes
        """The octets to send for the next octets of the file."""
        out = data.replace(b'\r\n', b'\n').replace(b'\n', b'\r\n')
        if self._after_cr and data[:1] == b'\n':
            out = out[1:]                   # its CR was sent with the former piece
        self._after_cr = data[-1:] == b'\r' if data else self._after_cr
        return out


class FromNetwork(object):
    """Converts CRLF to LF; a CR alone stays."""

    __slots__ = ('_held',)

    def __init__(self):
        # type: () -> None
        self._held = b''

    def convert(self, data):
        # type: (bytes) -> bytes
        """The octets to store for the next octets; a CR at the end is held until the next call."""
        data = self._held + data
        self._held = b''
        if data[-1:] == b'\r':
            self._held = b'\r'
            data = data[:-1]
        return data.replace(b'\r\n', b'\n')

    def finish(self):
        # type: () -> bytes
        """The octets held at the end."""
        rest, self._held = self._held, b''
        return rest
