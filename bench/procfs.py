# Copyright the carryall authors.  See LICENSE.
"""CPU time and memory of a process tree, from Linux's /proc (proc(5))."""
from __future__ import absolute_import, division, print_function

import os

TICKS = os.sysconf('SC_CLK_TCK') if hasattr(os, 'sysconf') else 100


def fields(text):
    """Splits a /proc/<pid>/stat line after the command name,
    which may itself hold blanks and brackets.

    Returns: the fields from the third (state) on.
    """
    return text[text.rindex(')') + 2:].split()


def read_stat(pid):
    """The fields of /proc/<pid>/stat from state on, or None when the process is gone."""
    try:
        with open('/proc/{0}/stat'.format(pid)) as source:
            return fields(source.read())
    except (IOError, OSError):
        return None


def tree(pid):
    """The pid and all its living descendants."""
    children = {}
    for name in os.listdir('/proc'):
        if name.isdigit():
            stat = read_stat(name)
            if stat:
                children.setdefault(int(stat[1]), []).append(int(name))
    found = []
    queue = [pid]
    while queue:
        one = queue.pop()
        found.append(one)
        queue.extend(children.get(one, ()))
    return found


def cpu_seconds(pids):
    """User and system CPU seconds of these processes and of their reaped children."""
    total = 0
    for pid in pids:
        stat = read_stat(pid)
        if stat:
            total += sum(int(part) for part in stat[11:15])
    return total / TICKS


def rollup(text, name):
    """A figure of /proc/<pid>/smaps_rollup or status in bytes, or 0."""
    for line in text.splitlines():
        if line.startswith(name + ':'):
            return int(line.split()[1]) * 1024
    return 0


def resident_bytes(pids):
    """Resident memory of these processes; pages that they share are counted once for each."""
    total = 0
    for pid in pids:
        try:
            with open('/proc/{0}/status'.format(pid)) as source:
                total += rollup(source.read(), 'VmRSS')
        except (IOError, OSError):
            pass
    return total


def anonymous_bytes(pids):
    """Resident anonymous memory of these processes: what they allocated, without mapped files."""
    total = 0
    for pid in pids:
        try:
            with open('/proc/{0}/status'.format(pid)) as source:
                total += rollup(source.read(), 'RssAnon')
        except (IOError, OSError):
            pass
    return total


def busy_seconds(text):
    """CPU seconds spent by anyone on each core, from the text of /proc/stat: a list by core number,
    idle and iowait left out."""
    out = []
    for line in text.splitlines():
        words = line.split()
        if words and words[0][:3] == 'cpu' and words[0] != 'cpu':
            ticks = [int(word) for word in words[1:9]]
            out.append((sum(ticks) - ticks[3] - ticks[4]) / TICKS)
    return out


def cores_busy():
    """CPU seconds spent by anyone on any core so far."""
    with open('/proc/stat') as source:
        return sum(busy_seconds(source.read()))
