# Copyright the carryall authors.  See LICENSE.
"""The machine that the figures were taken on: processor, kernel, interpreters and peers,
in words for the page."""
from __future__ import absolute_import, division, print_function

import os
import platform
import re
import subprocess
import time

from bench import sides

PROBE = ('import sys, platform; print(platform.python_implementation() + " " + '
         'sys.version.replace(chr(10), " "))')
PEER_NAMES = ('uvicorn', 'httptools', 'uvloop', 'starlette', 'granian', 'aiohttp', 'Twisted',
              'tornado')


def output(argv):
    """The output of a command, both streams, or '' when it cannot run."""
    try:
        child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 stdin=subprocess.PIPE)
        text = child.communicate()[0]
    except OSError:
        return ''
    return text.decode('utf-8', 'replace').strip()


def processor():
    """The model of the first processor and how many there are."""
    try:
        with open('/proc/cpuinfo') as source:
            found = re.findall(r'model name\s*:\s*(.*)', source.read())
    except (IOError, OSError):
        found = []
    return '{0}, {1} cores'.format(re.sub(r'\s+', ' ', found[0]), len(found)) if found \
        else platform.processor()


def peers():
    """The installed peers and their versions, from the names of their metadata folders."""
    found = {}
    for name in os.listdir(sides.PEERS) if os.path.isdir(sides.PEERS) else ():
        match = re.match(r'(.+)-([^-]+)\.dist-info$', name)
        if match:
            found[match.group(1).lower()] = match.group(2)
    return ['{0} {1}'.format(name, found[name.lower()]) for name in PEER_NAMES
            if name.lower() in found]


def interpreters(runtimes):
    """The version line of each of these runtimes."""
    out = []
    for runtime in sorted(runtimes):
        line = output(sides.interpreter(runtime) + ['-c', PROBE]).splitlines()
        text = line[-1] if line else 'absent'
        if runtime == 'jython':
            java = output(['java', '-version']).splitlines()
            text += '; ' + (java[1] if len(java) > 1 else '') + '; ' + sides.JVM_FLAGS
        out.append(text)
    return out


def describe(runtimes):
    """Lines about this machine and its software."""
    kernel = '{0} {1}'.format(platform.system(), platform.release())
    return (['Processor: ' + processor(), 'Kernel: ' + re.sub(r'-[a-z].*', '', kernel),
             'Date: ' + time.strftime('%Y-%m-%d', time.gmtime())]
            + ['Interpreter: ' + line for line in interpreters(runtimes)]
            + ['Peers: ' + ', '.join(peers())])
