# Copyright the carryall authors.  See LICENSE.
"""Target: one thing that is fuzzed.  Three kinds: a server, a client, and functions of octets."""
from __future__ import absolute_import, division, print_function

from tests.fuzz.runs import Fault, Run, failure_of, steady

__all__ = ['ClientTarget', 'GrammarTarget', 'ServerTarget', 'lines']


def lines(*said):
    """A script: these lines, each ended by CRLF, in one go."""
    return [('say', b''.join(line + b'\r\n' for line in said))]


class Target(object):
    """One thing.

    Args:     name: of its file in the corpus.
              watched: beginnings of the paths, below the checkout,
                       of the code that scripts are to reach.
              seeds: scripts to begin from.
              words: octets that mean something to it.
    """

    def __init__(self, name, watched, seeds, words):
        self.name = name
        self.watched = watched
        self.seeds = seeds
        self.words = words

    def run(self, script, way=0):
        """Plays it; what came of it."""
        raise NotImplementedError

    def check(self, script):
        """Plays it whole and cut; Fault if something is wrong."""
        whole = self.run(script, 0)
        for way in (1, 2):
            other = self.run(script, way)
            if other != whole and self.depends_on_nothing(script):
                raise Fault('cut in another way (%d) it says\n  %r\nand not\n  %r'
                            % (way, other, whole))

    def depends_on_nothing(self, script):
        """Tells if the result must be the same however the script is cut."""
        return False


class ServerTarget(Target):
    """Args:     make: called with a Run, gives the protocol."""

    def __init__(self, name, watched, make, seeds, words, cut=True):
        Target.__init__(self, name, watched, seeds, words)
        self._make = make
        self._cut = cut

    def run(self, script, way=0):
        run = Run({'host.example': ['192.0.2.7']})
        return run.serve(self._make(run), script, way)

    def depends_on_nothing(self, script):
        return self._cut and steady(script)


class ClientTarget(Target):
    """Args:     work: called with a loop, gives a Future;
                 the server is at 127.0.0.1, *ports*[0]."""

    def __init__(self, name, watched, work, seeds, words, ports=(2121,)):
        Target.__init__(self, name, watched, seeds, words)
        self._work = work
        self._ports = ports

    def run(self, script, way=0):
        return Run().visit(self._work, script, way, self._ports)


class GrammarTarget(Target):
    """Args:     calls: functions of octets, which may fail with a CarryallError alone."""

    def __init__(self, name, watched, calls, seeds, words):
        Target.__init__(self, name, watched, seeds, words)
        self._calls = calls

    def run(self, script, way=0):
        data = b''.join(what for kind, what in script if kind == 'say')
        for call in self._calls:
            failure = failure_of(call, data)
            if failure is not None:
                raise Fault('%s failed with %r' % (call.__name__, failure))
        return b''
