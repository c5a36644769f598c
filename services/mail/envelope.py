# Copyright the carryall authors.  See LICENSE.
"""Envelope: an accepted message with its sender and recipients, and its form on the disk.

Wire:     one line of JSON with the envelope (octets as Latin-1), LF, the message.
Tests:    tests/services/mail/test_envelope.py
"""
from __future__ import absolute_import, division, print_function

import json

from carryall.core.compat import native, text_type
from carryall.core.errors import CarryallError
from carryall.formernames import former_class

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional

__all__ = ['Addressee', 'BadEnvelope', 'Envelope']

MAX_ENVELOPE = 8 << 20      # octets of the first line: 1,000 recipients take about 100 KiB


class BadEnvelope(CarryallError):
    """The octets on the disk are not those of an envelope."""


class Addressee(object):
    """One recipient.

    Attributes:
        address: as on the wire, without brackets (bytes).
        folder: the path of the maildir it goes to (text), None if it goes out.
        original: the address before aliases (bytes).
        notify: the words of NOTIFY, b'' if it was not given.
        orcpt: the value of ORCPT, b'' if it was not given.
        queued: True if the message goes through the queue: to another server, or into a maildir
            with a report to the sender.
    """

    __slots__ = ('address', 'folder', 'original', 'notify', 'orcpt', 'queued')

    def __init__(self, address, folder=None, original=None, notify=b'', orcpt=b''):
        # type: (bytes, Optional[str], Optional[bytes], bytes, bytes) -> None
        self.address = address
        self.folder = folder
        self.original = address if original is None else original
        self.notify = notify
        self.orcpt = orcpt
        self.queued = folder is None or b'SUCCESS' in notify

    def domain(self):
        # type: () -> bytes
        """The part after the last at sign, in small letters."""
        return self.address.rpartition(b'@')[2].lower()

    def wants(self, word):
        # type: (bytes) -> bool
        """True if the sender wants a report of SUCCESS, FAILURE or DELAY (RFC 3461 section 4.1:
        by default of the last two)."""
        if not self.notify:
            return word != b'SUCCESS'
        return word in self.notify.split(b',')


class Envelope(object):
    """One message.

    Attributes:
        name: unique in the service, for ever; the names of its files begin with it.
        sender: b'' for the null sender.
        addressees: of this message.
        message: octets, lines ended by CRLF, with our Received line on top.
        arrived: seconds since 1970.
        utf8, binary: True if MAIL gave SMTPUTF8 or BODY=BINARYMIME.
        ret, envid: the values that MAIL gave, b'' if it did not.
    """

    __slots__ = ('name', 'sender', 'addressees', 'message', 'arrived', 'utf8', 'binary', 'ret',
                 'envid')

    def __init__(self, name, sender, addressees, message, arrived, utf8=False, binary=False,
                 ret=b'', envid=b''):
        # type: (str, bytes, List[Addressee], bytes, float, bool, bool, bytes, bytes) -> None
        self.name = name
        self.sender = sender
        self.addressees = addressees
        self.message = message
        self.arrived = arrived
        self.utf8 = utf8
        self.binary = binary
        self.ret = ret
        self.envid = envid

    def header_line(self):
        # type: () -> bytes
        """The line of JSON, with its end."""
        rows = [[_text(to.address), to.folder, _text(to.original), _text(to.notify),
                 _text(to.orcpt)] for to in self.addressees]
        data = json.dumps([1, _text(self.name), _text(self.sender), rows, self.arrived, self.utf8,
                           self.binary, _text(self.ret),
                           _text(self.envid)])
        return (data.encode('ascii') if isinstance(data, text_type) else data) + b'\n'

    def with_addressees(self, addressees):
        # type: (List[Addressee]) -> Envelope
        """A copy of the message for some of its recipients."""
        return Envelope(self.name, self.sender, addressees, self.message, self.arrived, self.utf8,
                      self.binary, self.ret, self.envid)

    @classmethod
    def read(cls, data):
        # type: (bytes) -> Envelope
        """The envelope in these octets; BadEnvelope if they contain none."""
        end = data.find(b'\n', 0, MAX_ENVELOPE)
        if end < 0:
            raise BadEnvelope(u'the envelope does not end')
        try:
            version, name, sender, rows, arrived, utf8, binary, ret, envid = json.loads(
                data[:end].decode('ascii'))
            if version != 1:
                raise ValueError('made by a newer version')
            addressees = [Addressee(_octets(row[0]), row[1], *[_octets(word) for word in row[2:]])
                          for row in rows]
            return cls(native(name), _octets(sender), addressees, data[end + 1:], float(arrived),
                       bool(utf8), bool(binary),
                       _octets(ret), _octets(envid))
        except (ValueError, TypeError, IndexError, AttributeError) as exc:
            raise BadEnvelope(u'the envelope cannot be read', exc)


def _text(data):
    # type: (Any) -> str
    return data.decode('latin-1') if isinstance(data, bytes) else data


def _octets(text):
    # type: (str) -> bytes
    return text.encode('latin-1')


# -- former names ------------------------------------------------------------

Parcel = former_class('carryall.services.mail.parcel.Parcel', Envelope)
# The same class, for only that is caught by an except clause of its former name.
BadParcel = BadEnvelope
