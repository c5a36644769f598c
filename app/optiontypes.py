# Copyright the carryall authors.  See LICENSE.
"""The types of option values: each is read, checked, and shown by a Kind.

A kind turns the text of a command line into a plain value, which a tap can hold.  It checks a value
from a tap, and shows a value as its text: `kind.parse(kind.show(value)) == value`.

Tests:    tests/app/test_optiontypes.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.app import endpoints
from carryall.core.compat import int_types, text_type
from carryall.core.codec.numbers import decimal_text
from carryall.core.errors import UsageError
from carryall.core.net.ip import canonical
from carryall.core.patterns import Pattern

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional, Sequence, Tuple

__all__ = ['CertificatePath', 'Choice', 'Endpoint', 'Host', 'Integer', 'Interface', 'Kind',
           'LogPath', 'MAKE_ACCOUNTS', 'MAKE_CERTIFICATE', 'Pair', 'PasswordPath', 'Path', 'Place',
           'Port', 'STDOUT', 'Seconds', 'Size', 'Text', 'to_text']

# -- limits ------------------------------------------------------------------
MAX_TEXT = 4096             # characters of one value; PATH_MAX of Linux
MAX_INTEGER = 2 ** 63 - 1   # the largest that every store and wire here can hold
MAX_SECONDS = 1000000000    # about 31 years

STDOUT = u'-'                # as a file of a log
MAKE_CERTIFICATE = u'; "carryall cert make localhost 127.0.0.1" makes localhost.pem for a start'
MAKE_ACCOUNTS = u'; "carryall passwd %s NAME" makes it'

_SECONDS = Pattern(u'([0-9]{1,9}(?:\\.[0-9]{1,6})?)([smhd]?)\\Z')
_SECOND_UNITS = ((u'd', 86400), (u'h', 3600), (u'm', 60))
_PLACE = Pattern(u'(?:\\[([0-9A-Fa-f:.]+)\\]|([^\\s\\[\\]:,]+))[:,]([0-9]{1,5})\\Z')
_SIZE = Pattern(u'([0-9]{1,18})([KMGkmg]?)\\Z')
_SIZE_UNITS = ((u'G', 1 << 30), (u'M', 1 << 20), (u'K', 1 << 10))

# Surrogates: Python 3 puts them into words of a command line that are not UTF-8.  No file of ours
# can hold them.
_SURROGATE = Pattern(b'\xed[\xa0-\xbf]')


def to_text(value):
    # type: (Any) -> str
    """A word of the command line as text; UsageError if it is not UTF-8."""
    if isinstance(value, bytes):
        try:
            text = value.decode('utf-8')
        except UnicodeError:
            raise UsageError(u'"%s" is not valid UTF-8' % value.decode('ascii', 'replace'))
    else:
        text = value
    try:
        broken = _SURROGATE.search(text.encode('utf-8'))
    except UnicodeError:
        broken = True       # type: ignore
    if broken:
        raise UsageError(u'"%s" is not valid UTF-8' % text.encode('ascii', 'replace').decode(
            'ascii'))
    return text


class Kind(object):
    """The base of all kinds; a kind is immutable and may serve several options."""

    metavar = 'VALUE'

    def parse(self, text):
        # type: (str) -> Any
        """The value of this text; UsageError (a sentence without the option's name) if it is
        malformed."""
        raise NotImplementedError

    def check(self, value):
        # type: (Any) -> None
        """Raises UsageError unless `parse` could have returned the value."""
        raise NotImplementedError

    def show(self, value):
        # type: (Any) -> str
        """The text of a value."""
        return text_type(value)

    def problems(self, value):
        # type: (Any) -> List[str]
        """Reasons why a correct value cannot work on this machine now, such as a missing file."""
        return []


class Text(Kind):
    """Any text of `minimum` to `maximum` characters, without control characters."""

    metavar = 'TEXT'

    def __init__(self, minimum=0, maximum=MAX_TEXT, metavar=None):
        # type: (int, int, Optional[str]) -> None
        self.minimum = minimum
        self.maximum = maximum
        self.metavar = metavar or self.metavar

    def parse(self, text):
        self.check(text)
        return text

    def check(self, value):
        if not isinstance(value, text_type):
            raise UsageError(u'a text is wanted')
        if not self.minimum <= len(value) <= self.maximum:
            raise UsageError(u'a text of %d to %d characters is wanted'
                             % (self.minimum, self.maximum))
        if any(char < u' ' or char == u'\x7f' for char in value):
            raise UsageError(u'a text without control characters is wanted')


class Integer(Kind):
    """A whole number in a range; `unit` is for the help alone."""

    metavar = 'N'

    def __init__(self, minimum=0, maximum=MAX_INTEGER, unit=None):
        # type: (int, int, Optional[str]) -> None
        self.minimum = minimum
        self.maximum = maximum
        self.unit = unit

    def parse(self, text):
        negative = text.startswith(u'-')
        number = decimal_text(text[1:] if negative else text,
                              max(abs(self.minimum), abs(self.maximum)))
        if number is None:
            raise UsageError(u'"%s" is not %s' % (text, self._wanted()))
        number = -number if negative else number
        self.check(number)
        return number

    def check(self, value):
        if not isinstance(value, int_types) or isinstance(value, bool) \
                or not self.minimum <= value <= self.maximum:
            raise UsageError(u'"%s" is not %s' % (_shown(value), self._wanted()))

    def _wanted(self):
        # type: () -> str
        unit = u' of %s' % self.unit if self.unit else u''
        if self.maximum == MAX_INTEGER:
            return u'a whole number%s from %d' % (unit, self.minimum)
        return u'a whole number%s from %d to %d' % (unit, self.minimum, self.maximum)


class Port(Integer):
    """A TCP or UDP port; 0 lets the system choose."""

    metavar = 'PORT'

    def __init__(self, minimum=0):
        # type: (int) -> None
        Integer.__init__(self, minimum, 65535)

    def _wanted(self):
        return u'a port, a number from %d to 65535' % self.minimum


class Seconds(Kind):
    """A time span: `30`, `0.5`, `90s`, `5m`, `2h`, `1d`; its value is a float in seconds."""

    metavar = 'SECONDS'

    def __init__(self, minimum=0.0, maximum=float(MAX_SECONDS)):
        # type: (float, float) -> None
        self.minimum = minimum
        self.maximum = maximum

    def parse(self, text):
        match = _SECONDS.match(text)
        if not match:
            raise UsageError(u'"%s" is not a time such as 30, 0.5, 5m, 2h or 1d' % text)
        number = float(match.group(1)) * dict(_SECOND_UNITS).get(match.group(2), 1)
        self.check(number)
        return number

    def check(self, value):
        if not isinstance(value, float) or not self.minimum <= value <= self.maximum:
            shown = self.show(value) if isinstance(value, float) else _shown(value)
            raise UsageError(u'"%s" is not a time from %s to %s'
                             % (shown, self.show(self.minimum), self.show(self.maximum)))

    def show(self, value):
        for unit, factor in _SECOND_UNITS:
            if value and value % factor == 0:
                return u'%d%s' % (value // factor, unit)
        return (u'%.6f' % value).rstrip(u'0').rstrip(u'.') + u's'


class Size(Integer):
    """A number of bytes: `1500`, `64K`, `10M`, `1G`, by powers of 1024."""

    metavar = 'BYTES'

    def parse(self, text):
        match = _SIZE.match(text)
        if not match:
            raise UsageError(u'"%s" is not a size such as 1500, 64K, 10M or 1G' % text)
        number = (decimal_text(match.group(1).lstrip(u'0') or u'0', MAX_INTEGER) or 0) \
            * dict(_SIZE_UNITS).get(match.group(2).upper(), 1)
        self.check(number)
        return number

    def show(self, value):
        for unit, factor in _SIZE_UNITS:
            if value and value % factor == 0:
                return u'%d%s' % (value // factor, unit)
        return u'%d' % value

    def _wanted(self):
        return u'a size from %s to %s' % (self.show(self.minimum), self.show(self.maximum))


class Choice(Kind):
    """One of a few words."""

    def __init__(self, words):
        # type: (Sequence[str]) -> None
        self.words = [text_type(word) for word in words]
        self.metavar = '|'.join(words)

    def parse(self, text):
        self.check(text)
        return text

    def check(self, value):
        if value not in self.words:
            raise UsageError(u'"%s" is none of %s' % (_shown(value), u', '.join(self.words)))


class Path(Kind):
    """A path, kept absolute so that it means the same from every folder.

    Args:     what: 'any', 'file' or 'folder' for one that must exist when the service starts, 'new'
                    for a file whose folder must.
    """

    def __init__(self, what='any'):
        # type: (str) -> None
        if what not in ('any', 'file', 'folder', 'new'):
            raise ValueError(what)
        self.what = what
        self.metavar = {'file': 'FILE', 'folder': 'FOLDER', 'new': 'FILE'}.get(what, 'PATH')

    def parse(self, text):
        if not text:
            raise UsageError(u'a path is wanted, not an empty text')
        value = os.path.abspath(text)
        self.check(value)
        return value

    def check(self, value):
        if not isinstance(value, text_type) or not value or len(value) > MAX_TEXT or u'\0' in value:
            raise UsageError(u'a path of 1 to %d characters is wanted' % MAX_TEXT)

    def problems(self, value):
        if self.what == 'folder' and not os.path.isdir(value):
            return [u'there is no folder %s' % value]
        # A folder that cannot be listed can still be useful.
        if self.what == 'folder' and not os.access(value, os.X_OK):
            return [u'there is no right to enter the folder %s' % value]
        if self.what == 'file' and not os.path.isfile(value):
            return [u'there is no file %s' % value]
        if self.what == 'file' and not os.access(value, os.R_OK):
            return [u'there is no right to read the file %s' % value]
        if self.what == 'any' and not os.path.exists(value):
            return [u'there is no file or folder %s' % value]
        if self.what == 'new' and not os.path.isdir(os.path.dirname(value)):
            return [u'there is no folder %s' % os.path.dirname(value)]
        return []


class CertificatePath(Path):
    """A PEM file of a certificate or its key, which must exist when the service starts."""

    def __init__(self):
        # type: () -> None
        Path.__init__(self, 'file')

    def problems(self, value):
        found = Path.problems(self, value)
        return [problem + MAKE_CERTIFICATE for problem in found] \
            if not os.path.exists(value) else found


class LogPath(Path):
    """A file to write a log to, whose folder must exist; `-` is stdout."""

    def __init__(self):
        # type: () -> None
        Path.__init__(self, 'new')

    def parse(self, text):
        return text if text == STDOUT else Path.parse(self, text)

    def problems(self, value):
        return [] if value == STDOUT else Path.problems(self, value)


class PasswordPath(Path):
    """A password file (core/auth/passwordfile.py) that must be usable when the service starts."""

    def __init__(self):
        # type: () -> None
        Path.__init__(self, 'file')

    def problems(self, value):
        found = Path.problems(self, value)
        if found and not os.path.exists(value):
            return [found[0] + MAKE_ACCOUNTS % os.path.basename(value)]
        if not found:
            # Imported here: most services need no accounts.
            from carryall.core.auth.passwordfile import PasswordFile
            found = PasswordFile(value).problems()
        return found


class Endpoint(Kind):
    """An endpoint (app/endpoints.py); its value is the canonical text, with absolute paths."""

    metavar = 'ENDPOINT'

    def __init__(self, kinds=endpoints.KINDS):
        # type: (Sequence[str]) -> None
        self.kinds = tuple(kinds)

    def parse(self, text):
        endpoint = endpoints.parse_endpoint(text, self.kinds)
        for name in ('path',) + endpoints.FILES:
            if getattr(endpoint, name) is not None:
                setattr(endpoint, name, os.path.abspath(getattr(endpoint, name)))
        return endpoint.text()

    def check(self, value):
        if not isinstance(value, text_type):
            raise UsageError(u'an endpoint is wanted')
        if endpoints.parse_endpoint(value, self.kinds).text() != value:
            raise UsageError(u'"%s" is not the canonical text of an endpoint' % value)

    def problems(self, value):
        endpoint = endpoints.parse_endpoint(value, self.kinds)
        kinds = {'trust': Path('file')}     # the others are of our own certificate
        return [problem for name in endpoints.FILES if getattr(endpoint, name) is not None
                for problem in kinds.get(name, CertificatePath()).problems(getattr(endpoint, name))]


class Interface(Kind):
    """A numeric address to listen on, in its canonical form; an IPv6 address may stand in brackets.

    Args:     any_spelling: a tap may hold another spelling of the address too.
    """

    metavar = 'ADDRESS'

    def __init__(self, any_spelling=False):
        # type: (bool) -> None
        self._any_spelling = any_spelling

    def parse(self, text):
        bracketed = u'[%s]' % text if u':' in text and not text.startswith(u'[') else text
        try:
            endpoint = endpoints.parse_endpoint(u'tcp:0:interface=' + bracketed, ('tcp',))
        except UsageError:
            raise UsageError(u'"%s" is not an IP address such as 127.0.0.1, 0.0.0.0 or [::]' % text)
        return text_type(endpoint.interface)

    def check(self, value):
        found = self.parse(value) if isinstance(value, text_type) else None
        if found is None or found != value and not self._any_spelling:
            raise UsageError(u'an IP address is wanted')

    def show(self, value):
        return u'[%s]' % value if u':' in value and not value.startswith(u'[') else value


class Host(Text):
    """A host name or an address; the brackets of an IPv6 address are removed."""

    metavar = 'HOST'

    def __init__(self):
        # type: () -> None
        Text.__init__(self, 1, 255)

    def parse(self, text):
        inner = text[1:-1]
        return Text.parse(self, inner if text == u'[%s]' % inner and canonical(inner) else text)


class Place(Kind):
    """HOST:PORT (or the former HOST,PORT); an IPv6 address in brackets."""

    metavar = 'HOST:PORT'

    def parse(self, text):
        host, port = self.split(text)
        return u'[%s]:%d' % (host, port) if u':' in host else u'%s:%d' % (host, port)

    def check(self, value):
        if not isinstance(value, text_type) or self.parse(value) != value:
            raise UsageError(u'HOST:PORT is wanted')

    def matches(self, text):
        # type: (str) -> bool
        """True if *text* has the form HOST:PORT."""
        return _PLACE.match(text) is not None

    def split(self, text):
        # type: (str) -> Tuple[str, int]
        """(host, port)."""
        match = _PLACE.match(text)
        port = decimal_text(match.group(3), 65535) if match else None
        if not match or not port or match.group(1) and canonical(str(match.group(1))) is None:
            raise UsageError(u'"%s" is not HOST:PORT, such as mail.example:25' % text)
        return match.group(1) or match.group(2), port


class Pair(Kind):
    """NAME=VALUE, each of a kind of its own; its value is the tuple (name, value)."""

    def __init__(self, name=None, value=None, separator='=', metavar=None):
        # type: (Optional[Kind], Optional[Kind], str, Optional[str]) -> None
        self.name = name or Text(1, metavar='NAME')
        self.value = value or Text(metavar='VALUE')
        self.separator = text_type(separator)
        self.metavar = metavar or '%s%s%s' % (self.name.metavar, separator, self.value.metavar)

    def parse(self, text):
        name, separator, value = text.partition(self.separator)
        if not separator:
            raise UsageError(u'"%s" is not of the form %s' % (text, self.metavar))
        return self.name.parse(name), self.value.parse(value)

    def check(self, value):
        if not isinstance(value, tuple) or len(value) != 2:
            raise UsageError(u'a pair %s is wanted' % self.metavar)
        self.name.check(value[0])
        self.value.check(value[1])

    def show(self, value):
        return self.name.show(value[0]) + self.separator + self.value.show(value[1])

    def problems(self, value):
        return self.name.problems(value[0]) + self.value.problems(value[1])


def _shown(value):
    # type: (Any) -> str
    """A value of any type, for a sentence."""
    return value if isinstance(value, text_type) else repr(value)
