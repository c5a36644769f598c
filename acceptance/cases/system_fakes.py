# Copyright the carryall authors.  See LICENSE.
"""The contract holds over a kqueue and a Windows that are fakes; Ctrl-C ends each idle server.

The fakes stand for messages, Ctrl-C, paths and consoles of Windows.
"""
import re

from acceptance import display

PROVES = ['RT-03', 'RT-04', 'RT-05']
NEEDS = []
LONG = True

# What is shown, and the words for pytest.
SUITES = (
    ('kqueue', ['tests/runtimes/test_kqueue.py']),
    ('messages of Windows', ['tests/runtimes/guests/test_win32.py',
                             'tests/runtimes/guests/test_laws.py', '-k', 'win32']),
    ('Ctrl-C', ['tests/contract/test_signals.py']),
    ('paths of Windows', ['tests/core/files/test_filenames.py',
                          'tests/services/web/test_requestpaths.py']),
    ('consoles of Windows', ['tests/runtimes/host/test_console_of_windows.py']),
)
# No select module of Jython has a poller that a fake could stand for, and Java has the console.
LEFT_OUT = {'jython': ('kqueue', 'consoles of Windows')}


def run(stage):
    """The suites, then Ctrl-C on each backend of this runtime."""
    for name, words in SUITES:
        if name not in LEFT_OUT.get(stage.runtime.kind, ()):
            last = display.run_tests(stage, words)
            stage.demand(' passed' in last, '%s: %s', name, last)
            print('    %s: %s' % (name, last))
    for backend in backends(stage):
        server = stage.start('carryall', 'serve', 'simple', '--tcp', 'echo:0', '--backend', backend)
        server.address()
        server.signal('INT')
        status = server.wait()
        stage.demand(status == 0, 'Ctrl-C ended %s with %r:\n%s', backend, status, server.output)


def backends(stage):
    """The backends that this runtime has, toolkits left out."""
    listed = stage.call('carryall', 'runtimes')
    return [name for name in ('epoll', 'poll', 'select', 'threads', 'asyncio', 'nio')
            if re.search(r'(?m)^ +%s +(chosen|there) ' % name, listed)]
