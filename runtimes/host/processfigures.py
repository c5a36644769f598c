# Copyright the carryall authors.  See LICENSE.
"""Figures of this process, by the names that Prometheus gives them.

On Linux they come from /proc (proc(5)), and what that does not have from Python or from the JVM's
beans.  A figure that the machine does not tell is left out.

Tests:    tests/runtimes/host/test_processfigures.py
"""
from __future__ import absolute_import, division, print_function

import os

from carryall.runtimes.platform import ON_JVM

__all__ = ['figures']

KIBIBYTE = 1024
# Of /proc/self/stat, counted behind the name in parentheses, which may contain blanks
START_FIELD = 19

# Line of /proc/self/status -> figure in octets
STATUS = {'VmRSS:': 'resident_memory_bytes', 'VmSize:': 'virtual_memory_bytes'}


def figures():
    # type: () -> Dict[str, Any]
    """Name without its prefix ``process_`` -> number."""
    found = _of_runtime()
    for read in (_memory, _descriptors):
        try:
            found.update(read())
        except (OSError, IOError):      # another system than Linux, or a root folder without /proc
            continue
    return found


def _lines(path):
    # type: (str) -> List[str]
    with open(path) as file:
        return file.read().splitlines()


def _memory():
    # type: () -> Dict[str, Any]
    words = [line.split() for line in _lines('/proc/self/status')]
    return dict((STATUS[line[0]], int(line[1]) * KIBIBYTE)
                for line in words if line and line[0] in STATUS)


def _descriptors():
    # type: () -> Dict[str, Any]
    found = {'open_fds': len(os.listdir('/proc/self/fd'))}
    for line in _lines('/proc/self/limits'):
        if line.startswith('Max open files') and line.split()[3].isdigit():
            found['max_fds'] = int(line.split()[3])
    return found


if ON_JVM:
    from java.lang.management import ManagementFactory
    try:
        from com.sun.management import OperatingSystemMXBean
    except ImportError:                 # a JRE without the module jdk.management
        OperatingSystemMXBean = None

    def _of_runtime():
        # type: () -> Dict[str, Any]
        found = {'start_time_seconds': ManagementFactory.getRuntimeMXBean().getStartTime() * 1e-3}
        system = ManagementFactory.getOperatingSystemMXBean()
        # jython: the bean's class is not public, so its method is called by its interface.
        if OperatingSystemMXBean is not None and isinstance(system, OperatingSystemMXBean):
            found['cpu_seconds_total'] = OperatingSystemMXBean.getProcessCpuTime(system) * 1e-9
        return found
else:
    def _of_runtime():
        # type: () -> Dict[str, Any]
        spent = os.times()
        found = {'cpu_seconds_total': spent[0] + spent[1]}
        try:
            ticks = int(_lines('/proc/self/stat')[0].rpartition(')')[2].split()[START_FIELD])
            booted = [int(line.split()[1]) for line in _lines('/proc/stat')
                      if line.startswith('btime ')]
            found['start_time_seconds'] = booted[0] + ticks / os.sysconf('SC_CLK_TCK')
        except (OSError, IOError, IndexError):
            pass                        # another system than Linux
        return found


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List
