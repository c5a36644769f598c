# Copyright the carryall authors.  See LICENSE.
"""Loads all files that would be loaded later, before a server gives up the rights to load them.

    lateimports.load_all()      # then chroot(2), setuid(2)

After a change of the root folder the interpreter's files are missing, and those of carryall and the
C library.  A new user may have no right to read them.

Three kinds of files are loaded late:

- our modules that are imported inside functions: the table of latemodules.py
- modules of the standard library that it, or we, import inside functions, and codecs
- files that the C library opens on first use: libgcc_s, the modules of nsswitch.conf(5), the time
  zone, the configuration of OpenSSL

Not here: data that options name by path (certificates, password files), because a path means a
          place in the new root.  Nor /etc/resolv.conf and /etc/hosts, which the C library reads
          again for each thread: they must be copied into the new root.
Tests:    tests/runtimes/host/test_lateimports.py, acceptance/cases/rights.py
"""
from __future__ import absolute_import, division, print_function

import codecs
import os
import sys
import threading
import time

from carryall.core.compat import FAILURES
from carryall.runtimes.host.latemodules import LATE
from carryall.runtimes.platform import ON_JVM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import List, Set

__all__ = ['CODECS', 'DEBUGGING', 'LATE', 'STANDARD', 'load_all']

# -- limits ------------------------------------------------------------------
MAX_NSSWITCH = 65536        # octets of nsswitch.conf that are read

# Modules of the standard library that are imported inside functions: of ours, of its own,
# of the interpreter's.
STANDARD = (
    # ours
    'anydbm', 'collections', 'ctypes', 'curses', 'dbm', 'difflib', 'fcntl', 'getpass', 'grp',
    'importlib.util', 'json', 'logging', 'os', 'platform', 'posix', 'pwd', 'select', 'socket',
    'stat', 'struct', 'subprocess', 'syslog', 'termios', 'traceback',
    # time.strptime, tracebacks and warnings, random names, text files,
    # getaddrinfo of a name that is not ASCII
    '_strptime', '_locale', 'calendar', 'locale', '_bootlocale', 'linecache', 'tokenize', 'token',
    'warnings', '_colorize', 'ast', 'random', 'tempfile', 'bisect', 'stringprep', 'unicodedata',
    'encodings.idna', 'encodings.punycode',
    # pickles and copies of objects, exceptions of the interpreter
    'copy', 'copyreg', 'copy_reg', 'pickle', 'cPickle', 'types', 'weakref', '_weakrefset',
    'contextlib', 'textwrap',
    # py2: imported at the end, and by logging
    'atexit', 'threading', '_threading_local', 'dummy_thread', 'string', 'strop', 'Queue', 'queue',
    'hashlib', '_hashlib', 'hmac', 'zlib', 'gzip', 'binascii', 'ssl',
    # jython and pypy
    '_socket', '_ssl', '_pypy_util_cffi',
)

# Modules that only a debugging or profiled run imports.
DEBUGGING = ('cProfile', 'pdb', 'profile', 'pstats')

# Modules of the standard library that another one imports when it is used for the first time.
_ALONG = (
    ('asyncio', 'concurrent.futures.thread'),
)

CODECS = ('ascii', 'base64', 'charmap', 'cp437', 'hex', 'idna', 'iso-8859-1', 'latin-1', 'punycode',
          'raw-unicode-escape', 'string-escape', 'unicode-escape', 'utf-8', 'utf-16', 'utf-16-be',
          'utf-16-le', 'utf-32')


def load_all(debugging=False):
    # type: (bool) -> None
    """Loads all that what is loaded now will need,
    and with *debugging* also what a debugger and a profile need."""
    _load_ours()
    for name in STANDARD + (DEBUGGING if debugging else ()):
        _load(name)
    for user, name in _ALONG:
        if user in sys.modules:
            _load(name)
    for name in CODECS:
        try:
            codecs.lookup(name)
        except (LookupError, ImportError):      # each version has some of them
            pass
    for use in (_end_a_thread, _ask_for_time_and_chance, _ask_for_names, _use_openssl):
        try:
            use()
        except FAILURES:            # what is not there cannot be used later on either
            pass


def _load_ours():
    # type: () -> None
    """Loads the modules of the tables, until that has brought nothing new."""
    done = set()
    grown = True
    while grown:
        grown = False
        for user, name in LATE:
            if user in sys.modules and name not in done:
                done.add(name)
                _load(name)
                grown = True


def _load(name):
    # type: (str) -> None
    try:
        __import__(name)
    except FAILURES:                # another runtime's, or another version's
        pass


# -- what is loaded by use ---------------------------------------------------

def _end_a_thread():
    # type: () -> None
    """Lets glibc load libgcc_s.so.1, without which it aborts the process when a thread ends."""
    thread = threading.Thread(target=lambda: None, name='carryall-first')
    thread.start()
    thread.join()
    if not ON_JVM:
        import ctypes
        try:
            ctypes.CDLL('libgcc_s.so.1')
        except OSError:             # musl, a BSD: nothing needs it
            pass


def _ask_for_time_and_chance():
    # type: () -> None
    time.strptime('2002', '%Y')
    time.localtime()                # reads /etc/localtime, once
    os.urandom(1)                   # py2, and old systems: a descriptor that stays open


def _ask_for_names():
    # type: () -> None
    """Loads the C library's sources of names."""
    import socket
    if not ON_JVM:
        import ctypes
        for name in nss_libraries():
            try:
                ctypes.CDLL(name)
            except OSError:         # part of the C library itself, or not installed
                pass
    socket.getaddrinfo('localhost', 1)
    import grp
    import pwd
    pwd.getpwuid(os.getuid())
    grp.getgrgid(os.getgid())


def nss_libraries(path='/etc/nsswitch.conf'):
    # type: (str) -> List[str]
    """The libraries that the C library may load to look up hosts, users and groups.

    Source:   nsswitch.conf(5)
    """
    try:
        with open(path, 'rb') as source:
            text = source.read(MAX_NSSWITCH).decode('latin-1')
    except (IOError, OSError):
        return []
    words = set()       # type: Set[str]
    for line in text.split('\n'):
        database, _, sources = line.partition('#')[0].partition(':')
        if database.strip() in ('hosts', 'passwd', 'group', 'initgroups', 'services'):
            words.update(word for word in sources.split() if word.replace('_', '').isalnum())
    return ['libnss_%s.so.2' % word for word in sorted(words)]


def _use_openssl():
    # type: () -> None
    """Lets OpenSSL read its configuration and load what that names."""
    import hashlib
    from carryall.runtimes.crypto import provider
    hashlib.new('sha256', b'').digest()
    # Where the standard library has none, this loads the package that has it.
    provider().why_no_scrypt()
    if not ON_JVM:
        import ssl
        ssl.SSLContext(getattr(ssl, 'PROTOCOL_TLS', ssl.PROTOCOL_SSLv23))
