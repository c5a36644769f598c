# Copyright the carryall authors.  See LICENSE.
"""Runs the examples of doc/examples in memory, a client with its server."""
from __future__ import absolute_import, division, print_function

import os

from carryall import runtimes

__all__ = ['EXAMPLES', 'Standing', 'application_of', 'example']

EXAMPLES = os.path.join(os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), 'doc', 'examples')
MAX_LINES = 40


class Standing(object):
    """A loop whose ``run`` returns, so that a server's example ends when it has begun to listen."""

    def __init__(self, loop):
        self._loop = loop

    def __getattr__(self, name):
        return getattr(self._loop, name)

    def run(self):
        pass

    def close(self):
        pass


def example(name, loop, monkeypatch):
    """Runs an example on *loop*; a server listens afterwards."""
    monkeypatch.setattr(runtimes, 'choose', lambda: Standing(loop))
    with open(os.path.join(EXAMPLES, name), 'rb') as source:
        data = source.read()
    assert data.count(b'\n') <= MAX_LINES, 'an example has at most %d lines' % MAX_LINES
    eval(compile(data, name, 'exec'), {'__name__': '__main__'})


def application_of(name):
    """The application of a file ``.tac`` among the examples."""
    with open(os.path.join(EXAMPLES, name), 'rb') as source:
        data = source.read()
    scope = {'__name__': 'tac', '__file__': os.path.join(EXAMPLES, name)}
    eval(compile(data, name, 'exec'), scope)
    return scope['application']
