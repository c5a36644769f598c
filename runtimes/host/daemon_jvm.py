# Copyright the carryall authors.  See LICENSE.
"""Going into the background on a JVM: a second JVM with the same arguments (runtimes/host/daemon.py
says what for).

Tests:    tests/runtimes/host/test_daemon.py
"""
from __future__ import absolute_import, division, print_function

import os
import sys
import threading

from java.io import File, FileDescriptor, FileOutputStream
from java.lang import ProcessBuilder, ProcessHandle, System
from java.lang.management import ManagementFactory

from carryall.core.compat import int2byte

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, List, Optional

__all__ = ['close_out', 'command_line', 'start', 'write_out']


def command_line():
    # type: () -> List[Any]
    """The words that started this JVM, the program first."""
    java = os.path.join(System.getProperty('java.home'), 'bin', 'java')
    own = ProcessHandle.current().info()
    if own.command().isPresent():
        java = own.command().get()
    try:
        # All of it, whatever its length; Java itself looks at the first 4096 bytes.
        with open('/proc/self/cmdline', 'rb') as source:
            return [java] + [word.decode('utf-8') for word in source.read().split(b'\0')[1:-1]]
    except (IOError, UnicodeError):
        pass
    if own.arguments().isPresent():
        return [java] + list(own.arguments().get())
    # Windows: put together what Java tells in parts.
    words = [java] + list(ManagementFactory.getRuntimeMXBean().getInputArguments())
    words += ['-cp', System.getProperty('java.class.path'), 'org.python.util.jython']
    return words + list(sys.argv)


def start(mark, error_log, umask, seconds, maximum, is_last):
    # type: (str, Optional[str], Optional[int], float, int, Callable[[bytes], bool]) -> bytes
    """Starts it again with one more word, and collects its stdout up to the last line."""
    from carryall.runtimes.host import systemfiles as files
    words = command_line() + [mark]
    if umask is not None and not hasattr(os, 'umask'):  # the child could not set it; a shell can
        words = ['sh', '-c', 'umask %03o; exec "$@"' % umask, 'sh'] + words
    builder = ProcessBuilder(words)
    # jython: os.chdir() is Jython's own notion; the JVM, and so a child,
    # stays where it was started.
    builder.directory(File(os.getcwd()))
    builder.redirectInput(_from_nothing())
    if error_log is None:
        builder.redirectError(ProcessBuilder.Redirect.DISCARD)
    else:
        # So that it is private whatever the umask of this JVM is.
        files.append_private(error_log).close()
        builder.redirectError(ProcessBuilder.Redirect.appendTo(File(error_log)))
    child = builder.start()
    alarm = threading.Timer(seconds, child.destroyForcibly)
    alarm.setDaemon(True)
    alarm.start()
    try:
        return _read(child.getInputStream(), maximum, is_last)
    finally:
        alarm.cancel()


def _from_nothing():
    # type: () -> Any
    redirect = ProcessBuilder.Redirect
    # jython: `from` is a keyword of Python, so Java's method of that name is fetched by its text.
    return getattr(redirect, 'from')(File('NUL' if File.separatorChar == '\\' else '/dev/null'))


def _read(stream, maximum, is_last):
    # type: (Any, int, Callable[[bytes], bool]) -> bytes
    octets = []     # type: List[bytes]
    line = 0
    while len(octets) < maximum:
        octet = stream.read()
        if octet < 0:
            break
        octets.append(int2byte(octet))
        if octet == 10:
            if is_last(b''.join(octets[line:])):
                break
            line = len(octets)
    return b''.join(octets)


def write_out(data):
    # type: (bytes) -> None
    """Writes bytes to the process's standard output."""
    System.out.flush()
    FileOutputStream(FileDescriptor.out).write(data)


def close_out():
    # type: () -> None
    """Lets go of the standard output: Java points the descriptor at /dev/null,
    and the parent sees the end."""
    FileOutputStream(FileDescriptor.out).close()
