# Copyright the carryall authors.  See LICENSE.
"""The environment of a program: a few variables of ours, and those of the request (RFC 3875 section
4.1).

Nothing else of our own environment reaches a program: it may hold secrets.

Tests:    tests/services/cgi/test_environment.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.core.compat import ON_JYTHON, PY2, native
from carryall.core.errors import UsageError
from carryall.core.files.filenames import ON_WINDOWS
from carryall.core.patterns import Pattern

__all__ = ['ALLOWED', 'Environment', 'native_word', 'split_variable']

# Of our own environment: where programs and libraries are, the time zone, and what Windows needs.
ALLOWED = ('PATH', 'LD_LIBRARY_PATH', 'TZ', 'TMPDIR', 'SYSTEMROOT', 'COMSPEC', 'PATHEXT', 'TEMP',
           'TMP')
DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin'
# True if a program is given octets, as Unix has them; Java and Windows have text
IN_OCTETS = not ON_WINDOWS and not ON_JYTHON
NAME = Pattern(r'[A-Za-z_][A-Za-z0-9_]*\Z')


def split_variable(text):
    # type: (str) -> Tuple[str, Optional[str]]
    """``NAME=VALUE``, or ``NAME`` for the value that it has here, as (name, value or None).

    Raises:   UsageError: not of that form, or HTTP_PROXY, which programs believe.
    """
    name, equals, value = text.partition(u'=')
    if not NAME.match(name) or u'\0' in value:
        # Without the value, which may be a secret
        raise UsageError(u'a variable is of the form NAME or NAME=VALUE, and "%s" is not its name'
                         % name)
    if name.upper() == u'HTTP_PROXY':
        raise UsageError(u'a program that finds HTTP_PROXY takes it for a field of the request')
    return str(name), value if equals else None


class Environment(object):
    """The environment of the programs of one service.

    Args:     passed: ``NAME`` or ``NAME=VALUE`` of the operator.
              environ: ours; that of the process if left out.
    """

    def __init__(self, passed=(), environ=None):
        # type: (Iterable[str], Any) -> None
        ours = os.environ if environ is None else environ
        found = dict((name, ours[name]) for name in ALLOWED if name in ours)
        found.setdefault('PATH', DEFAULT_PATH)
        for text in passed:
            name, value = split_variable(text)
            if value is not None:
                found[name] = value if not PY2 else value.encode('utf-8')
            elif name in ours:
                found[name] = ours[name]
        if IN_OCTETS:
            found = dict((to_octets(name), to_octets(value)) for name, value in found.items())
        self._standing = found      # type: Dict[Any, Any]

    def of(self, variables):
        # type: (Dict[bytes, bytes]) -> Dict[Any, Any]
        """The environment of a program, with the *variables* of a request."""
        found = self._standing.copy()
        if IN_OCTETS:
            found.update(variables)
        else:
            for name, octets in variables.items():
                found[native(name)] = native_word(octets)
        return found


def to_octets(word):
    # type: (str) -> bytes
    """A name or a value of ours as a Unix system has it."""
    return word if PY2 else os.fsencode(word)


def native_word(octets):
    # type: (bytes) -> Any
    """A value or an argument as the runtime hands it to a program without a change."""
    if ON_JYTHON:
        # jython: text, which Java encodes in the encoding of the locale, nearly always UTF-8
        return octets.decode('utf-8', 'replace')
    if PY2:
        return octets
    return os.fsdecode(octets)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Iterable, Optional, Tuple
