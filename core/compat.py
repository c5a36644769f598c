# Copyright the carryall authors.  See LICENSE.
"""The differences in spelling between Python 2.7, Python 3 and Jython;
nothing that differs in behaviour.

Every shim says why it is there.  A difference in *behaviour* belongs in ``carryall.runtimes``,
behind a flag of ``loop.caps``.  This is the one module that may look at the version of the
interpreter.

Tests:    tests/core/test_compat.py
"""
from __future__ import absolute_import, division, print_function

import binascii
import hmac
import sys
# core may hold state per thread and share some between threads; it starts none
from threading import Lock, local as thread_local

__all__ = ['FAILURES', 'Lock', 'ON_JYTHON', 'PY2', 'Queue', 'SimpleQueue', 'byte2int',
           'constant_time_equal', 'dbm_module', 'int2byte', 'int_from_bytes', 'int_types',
           'interpreter', 'is_awaitable', 'iterbytes', 'native', 'range', 'reraise', 'text_type',
           'thread_local', 'to_bytes', 'truth']

try:
    from Queue import Queue                      # type: ignore  # py2: the module has another name
    SimpleQueue = Queue                          # py2: there is no faster one
except ImportError:
    # Between a thread that blocks and the loop's.
    from queue import Queue, SimpleQueue  # type: ignore

PY2 = sys.version_info[0] == 2

if PY2:
    text_type = unicode                          # noqa: F821  py2: the name of text
    int_types = (int, long)                      # noqa: F821  py2: two integer types
    range = xrange                               # noqa: F821  py2: range() builds a list

    def iterbytes(data):
        """The octets of *data* one by one, each as bytes of length 1."""
        return iter(data)  # py2: iteration already gives one-character strings

    def int2byte(number):
        """The one octet with the value *number*, 0 to 255."""
        return chr(number)

    def byte2int(octet):
        """The value of the one octet in *octet*, 0 to 255."""
        return ord(octet)

    def native(value):
        """*value* (ASCII text or bytes) as the interpreter's own ``str``."""
        return value.encode('ascii') if isinstance(value, text_type) else value

    def reraise(exc, traceback):
        """Raises *exc* again with its first *traceback*."""
        # py2: the three-argument raise is a syntax error on 3, and a generator's throw() does the
        # same.  A string for exec() would make Jython load its compiler at each start.
        (nothing for nothing in ()).throw(exc.__class__, exc, traceback)

    def is_awaitable(value):
        """False: this language has no coroutines of its own."""
        return False
else:
    text_type = str
    int_types = (int,)
    range = range

    def iterbytes(data):
        """The octets of *data* one by one, each as bytes of length 1."""
        return (data[i:i + 1] for i in range(len(data)))

    def int2byte(number):
        """The one octet with the value *number*, 0 to 255."""
        return bytes((number,))

    def byte2int(octet):
        """The value of the one octet in *octet*, 0 to 255."""
        return octet[0]

    def native(value):
        """*value* (ASCII text or bytes) as the interpreter's own ``str``."""
        return value.decode('ascii') if isinstance(value, bytes) else value

    def reraise(exc, traceback):
        """Raises *exc* again with its first *traceback*."""
        raise exc.with_traceback(traceback)

    def is_awaitable(value):
        """True if *value* can stand behind ``await``."""
        return hasattr(value, '__await__')

try:
    # jython: `except Exception` does not see what Java code throws.  Guards around code that is not
    # ours name both.
    from java.lang import Throwable as _Throwable
    FAILURES = (Exception, _Throwable)      # type: Tuple[Any, ...]
    ON_JYTHON = True
except ImportError:
    FAILURES = (Exception,)
    ON_JYTHON = False

_integer = int_types[-1]        # the one without a limit


def to_bytes(value):
    """*value* (text or bytes) as bytes; text is encoded as UTF-8."""
    return value.encode('utf-8') if isinstance(value, text_type) else value


def int_from_bytes(data):
    """The unsigned big-endian number in *data*, of any length (0 for none)."""
    # py2: int.from_bytes is missing.  jython: int() of many digits first fails as a machine's word,
    # at three times the price.
    return int(_integer(binascii.hexlify(data), 16)) if data else 0


def interpreter():
    """Names and version of the interpreter for a person to read: ``CPython 3.11.7``."""
    import platform     # not needed to serve
    return '%s %s' % (platform.python_implementation(), platform.python_version())


def dbm_module():
    """The module that opens dbm files of any kind."""
    if PY2:
        import anydbm               # py2: the module has another name; not needed to serve
        return anydbm
    import dbm                      # likewise
    return dbm


def truth(cls):
    """Class decorator: let ``__bool__`` decide the truth of an object on every version."""
    cls.__nonzero__ = cls.__bool__                            # py2: the method has another name
    return cls


def _equal_without_hurry(left, right):
    """Compares in time that depends on the length of *left* alone."""
    difference = len(left) ^ len(right)
    right = right or b'\0'
    for index in range(len(left)):
        difference |= byte2int(left[index:index + 1]) ^ byte2int(
            right[index % len(right):index % len(right) + 1])
    return difference == 0


# jython: hmac.compare_digest is missing there (and before 2.7.7).
constant_time_equal = getattr(hmac, 'compare_digest', _equal_without_hurry)


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple
