# Copyright the carryall authors.  See LICENSE.
"""Calls on paths that are octets, for a JVM,
which takes names as text in the encoding of the locale.

A `Path` of java.nio keeps the octets of its name, and `file:` URIs carry them both ways, in any
locale.  What the locale can spell goes the usual way, through `os`.

Tests:    tests/core/files/test_octetpaths.py (on Jython)
"""
from __future__ import absolute_import, division, print_function

import os
from binascii import unhexlify
from os import F_OK, R_OK, W_OK, X_OK  # noqa: F401  as the module os has them

from java.lang import Integer, System
from java.net import URI
from java.nio.charset import Charset
from java.nio.file import Files, LinkOption, NotLinkException, Paths, StandardCopyOption
from java.nio.file.attribute import FileTime

from carryall.core.compat import FAILURES, iterbytes, to_bytes
from carryall.runtimes.jvm.appendchannel import as_oserror
from carryall.runtimes.jvm.octets import to_java

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional

__all__ = ['access', 'chmod', 'listdir', 'lstat', 'mkdir', 'native_open', 'octets_of', 'passes',
           'readlink', 'rename', 'rmdir', 'stat', 'state_as_of', 'to_path', 'unlink', 'utime']

# Names go through the first; the calls of jnr encode text by the second, which is UTF-8 from Java
# 18 on whatever the locale.
SPELLS_ALL = System.getProperty('sun.jnu.encoding') == 'UTF-8' \
    and Charset.defaultCharset().name() == 'UTF-8'
UNKNOWN = b'\xef\xbf\xbd'       # U+FFFD, for octets that Java could not read as text

_NO_FOLLOW = [LinkOption.NOFOLLOW_LINKS]

# jython: the module urllib imports socket and ssl, which takes a second and makes ten selectors.
_PLAIN = frozenset(b'/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')


def _quote(path):
    # type: (bytes) -> str
    return ''.join(octet if octet in _PLAIN else '%%%02X' % ord(octet) for octet in iterbytes(path))


def _unquote(text):
    # type: (bytes) -> bytes
    parts = text.split(b'%')
    return parts[0] + b''.join(unhexlify(part[:2]) + part[2:] for part in parts[1:])


def passes(path):
    # type: (Any) -> Any
    """*path* as text that reaches the system unharmed; None if this locale cannot spell it."""
    try:
        text = path.decode('utf-8') if isinstance(path, bytes) else path
    except UnicodeError:
        return None
    return text if SPELLS_ALL or all(char < u'\x80' for char in text) else None


def to_path(path):
    # type: (bytes) -> Any
    """The java.nio Path with exactly these octets."""
    # jython: os.chdir() is Jython's own notion, so Java resolves relative names elsewhere.
    whole = path if path[:1] == b'/' else to_bytes(os.getcwd()) + b'/' + path
    return Paths.get(URI('file://' + _quote(whole)))


def octets_of(path):
    # type: (Any) -> bytes
    """The octets of a java.nio Path, made absolute."""
    return _unquote(path.toUri().getRawPath().encode('ascii'))


def _exact(name, special):
    # type: (str, Callable[..., Any]) -> Callable[..., Any]
    """The call *name* of `os`, but *special* for paths that the locale cannot spell."""
    def call(path, *args):
        # type: (Any, *Any) -> Any
        if passes(path) is not None:
            return getattr(os, name)(path, *args)  # some are replaced after this module is imported
        try:
            return special(to_path(path), *args)
        except FAILURES as exc:
            raise as_oserror(exc, path)

    call.__name__ = name
    return call


def _state(path, options):
    # type: (Any, List[Any]) -> Any
    found = Files.readAttributes(path, 'unix:*', options)
    times = [found[name].toMillis() / 1000.0 for name in ('lastAccessTime', 'lastModifiedTime',
                                                          'ctime')]
    numbers = [int(found[name]) for name in ('mode', 'ino', 'dev', 'nlink', 'uid', 'gid', 'size')]
    return os.stat_result(tuple(numbers + times))


def state_as_of(path, held):
    # type: (Any, str) -> Any
    """The state of the open file *held*, to be compared with that of *path*:
    both ways round times alike."""
    return os.stat(held) if passes(path) is not None else _state(to_path(to_bytes(held)), [])


def _readlink(path):
    # type: (Any) -> bytes
    try:
        target = Files.readSymbolicLink(path)
    except NotLinkException:
        raise OSError(22, os.strerror(22))      # EINVAL, as readlink(2) has it
    text = octets_of(target)
    if target.isAbsolute():
        return text
    # Made absolute it begins with the folder that Java was started in.
    return text[len(octets_of(Paths.get(''))):].lstrip(b'/')


def _utime(path, times):
    # type: (Any, Any) -> None
    import time
    accessed, modified = times or (time.time(), time.time())
    for name, seconds in (('lastAccessTime', accessed), ('lastModifiedTime', modified)):
        Files.setAttribute(path, name, FileTime.fromMillis(int(seconds * 1000)), [])


def _unlink(path):
    # type: (Any) -> None
    if Files.isDirectory(path, _NO_FOLLOW):
        raise OSError(21, os.strerror(21))      # EISDIR
    Files.delete(path)


def _rmdir(path):
    # type: (Any) -> None
    if not Files.isDirectory(path, _NO_FOLLOW):
        raise OSError(20, os.strerror(20))      # ENOTDIR
    Files.delete(path)


def _access(path, mode):
    # type: (Any, int) -> bool
    return ((not mode & R_OK or Files.isReadable(path))
            and (not mode & W_OK or Files.isWritable(path))
            and (not mode & X_OK or Files.isExecutable(path)) and Files.exists(path, []))


stat = _exact('stat', lambda path: _state(path, []))
lstat = _exact('lstat', lambda path: _state(path, _NO_FOLLOW))
mkdir = _exact('mkdir', lambda path, mode=0o777: Files.createDirectory(path, []) and None)
rmdir = _exact('rmdir', _rmdir)
unlink = _exact('unlink', _unlink)
utime = _exact('utime', _utime)
chmod = _exact('chmod', lambda path, mode: Files.setAttribute(path, 'unix:mode',
                                                              Integer(mode & 0o7777), []) and None)
access = _exact('access', _access)


def readlink(path):
    # type: (Any) -> bytes
    """The text of a link, in octets."""
    try:
        return _readlink(to_path(path if isinstance(path, bytes) else path.encode('utf-8')))
    except FAILURES as exc:
        raise as_oserror(exc, path)


def rename(old, new):
    # type: (Any, Any) -> None
    """Moves an entry, over what is there, in one step."""
    if passes(old) is not None and passes(new) is not None:
        os.rename(old, new)
        return
    try:
        Files.move(to_path(old), to_path(new),
                   [StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING])
    except FAILURES as exc:
        raise as_oserror(exc, old)


def listdir(path):
    # type: (Any) -> List[bytes]
    """The names in a folder."""
    if passes(path) is not None:
        names = os.listdir(path)
        plain = all(UNKNOWN not in name for name in names) if SPELLS_ALL else all(
            _is_ascii(name) for name in names)
        if plain or not isinstance(path, bytes):
            return names
    try:
        stream = Files.newDirectoryStream(to_path(path))
        try:
            return [octets_of(entry).rstrip(b'/').rpartition(b'/')[2] for entry in stream]
        finally:
            stream.close()
    except FAILURES as exc:
        raise as_oserror(exc, path)


def _is_ascii(name):
    # type: (bytes) -> bool
    return all(char < b'\x80' for char in iterbytes(name))


# The system's open(2), looked up when it is first needed.
_opening = []  # type: List[Any]


def native_open(path, flags, permissions):
    # type: (bytes, int, int) -> int
    """open(2) for a path in octets; -1 and the number of the error in jnr's `errno()` if it
    fails."""
    from com.kenai.jffi import ArrayFlags, Function, HeapInvocationBuffer, Invoker, Library, Type
    if not _opening:
        address = Library.getDefault().getSymbolAddress('open')
        _opening.append(Function(address, Type.SINT32, [Type.POINTER, Type.SINT32, Type.UINT32]))
    arguments = HeapInvocationBuffer(_opening[0])
    octets = to_java(path)
    arguments.putArray(octets, 0, len(octets), ArrayFlags.IN | ArrayFlags.NULTERMINATE)
    arguments.putInt(flags)
    arguments.putInt(permissions)
    return Invoker.getInstance().invokeInt(_opening[0], arguments)
