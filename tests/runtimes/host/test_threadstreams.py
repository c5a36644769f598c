# Copyright the carryall authors.  See LICENSE.
"""Streams of one thread."""
from __future__ import absolute_import, division, print_function

import threading

from carryall.runtimes.host.threadstreams import redirected


class Module(object):
    """Stands for sys and os."""

    def __init__(self):
        self.stdin = Stream()
        self.stdout = self.stdin
        self.environ = {'usual': '1'}


class Stream(object):
    """Keeps what is written."""

    def __init__(self):
        self.said = []

    def write(self, text):
        self.said.append(text)


def test_a_thread_has_its_own_streams_and_environment():
    module = Module()
    usual = module.stdout
    mine = Stream()
    with redirected(module, module, None, mine, {'a': 'b'}):
        module.stdout.write('one')
        assert dict(module.environ) == {'a': 'b'}
        other = threading.Thread(target=lambda: module.stdout.write(module.environ['usual']))
        other.start()
        other.join()
    module.stdout.write('two')
    assert mine.said == ['one']
    assert usual.said == ['1', 'two']


def test_one_in_another_comes_back():
    module = Module()
    first = Stream()
    with redirected(module, module, None, first, {}):
        with redirected(module, module, None, Stream(), {}):
            module.stdout.write('inner')
        module.stdout.write('outer')
    assert first.said == ['outer']


def test_attributes_are_set_at_the_streams_themselves():
    module = Module()
    mine = Stream()
    with redirected(module, module, None, mine, {}):
        module.stdout.softspace = 1
    assert mine.softspace == 1
