# Copyright the carryall authors.  See LICENSE.
"""Each of the project's checks passes what is right and finds what is wrong, in a scratch tree."""
import pytest

from admin.checks import CHECKS, load
from admin.checks.tree import Tree
from admin.suite import interpreters, setup
from tests.support.otherruntimes import wait_for_other_runtimes

HEAD = ('# Copyright the carryall authors.  See LICENSE.\nfrom __future__ import absolute_import, '
        'division, print_function\n')
LONG = 'def long():\n' + '    pass\n' * 61
OPTIONS = ("from carryall.app.options import Option, Schema\nSCHEMA = Schema([Option('port'), "
           "Flag('max-connections')])\n")
READS = OPTIONS + 'def f(options): return options.%s\n'
ROW = "Command(b'STAT', 'cmd_stat', rfc='1939#5')\ndef cmd_stat(self): pass\n"
# Two classes in a file of every scratch tree, and the head of a class that inherits from the first.
FAMILY = """
class Base(object):
    _slot = 1
    def _secret(self):
        self._set = 1
class Child(Base): pass
def _inside(): pass
"""
INHERITS = 'from carryall.core.family import Base\n\nclass A(Base):\n    def a(self):\n'
DEEP = 'class A(object): pass\nclass B(A): pass\nclass C(B): pass\nclass D(C): pass\n'
ERROR = 'def f():\n  try:\n    g()\n  except ValueError as exc:\n'

# check -> ([(path, source) that it must find], [(path, source) that it must pass])
CASES = {
    'parse_all': ([('core/a.py', 'print "2 only"\n'), ('core/a.py', 'x = f"3 only"\n'),
                   ('core/a.py', 'x = "\\d"\n'),
                   ('core/a.py', '# \u00e4\n')],
                  [('core/a.py', 'x = 1\n'), ('core/a_py3.py', 'x = f"3 only"\n'),
                   ('core/a.py', '# coding: utf-8\n# \u00e4\n')]),
    'layers': ([('core/a.py', 'from carryall.runtimes import choose\n'),
                ('core/a.py', 'from carryall import runtimes\n'),
                ('protocols/a.py', 'import carryall.services.web\n'),
                ('services/a.py', 'from carryall.commands import x\n'),
                ('protocols/a.py', 'from core.loop import Loop\n'),
                ('protocols/a.py', 'from . import wire\n'),
                ('protocols/a.py', 'import socket\n'),
                ('services/a.py', 'from java.lang import Thread\n'),
                ('protocols/a.py', 'import time\n'), ('core/a.py', 'import time\ntime.sleep(1)\n'),
                ('app/a.py', 'x = "carryall.services.web"\n'),
                ('core/a.py', 'x = "carryall.app.service:Service"\n'),
                ('core/a.py', 'x = "pop3"\n'), ('app/a.py', 'x = "ftp"\n'),
                ('services/a.py', 'from carryall.protocols.ftp import manifest\n'),
                ('commands/a.py', 'import os\nos.fork()\n')],
               [('services/a.py', 'x = "ftp"\n'), ('core/a.py', 'x = "ftp server"\n'),
                ('protocols/a.py', 'from carryall.core.net.loop import Loop\nfrom carryall import '
                                   '__version__\n'),
                ('runtimes/a.py', 'import socket\nfrom carryall.core.net.loop import Loop\n'),
                ('protocols/ftp/manifest.py', 'x = "carryall.services.web"\n'),
                ('commands/a.py', 'from carryall.protocols.ftp import manifest\n'),
                ('core/a.py', 'x = "see carryall.app.service"\n'),
                ('commands/a.py', 'from carryall import runtimes\n'),
                ('core/a.py', 'import time\ntime.gmtime(0)\n')]),
    'late_imports': ([('core/a.py', 'def f():\n    import json\n')],
                     [('core/a.py', 'import json\n\ndef f():\n    return json\n'),
                      ('services/a.py', 'def f():\n    from carryall.core import b\n'),
                      ('commands/get.py', 'def f():\n    import json\n'),
                      ('runtimes/jvm/a.py', 'def f():\n    from java.lang import System\n')]),
    'faces': ([('protocols/a/__init__.py', "__all__ = ['AServer']\n"),
               ('services/a.py', 'from carryall.protocols.ftp.server import FTPServer\n'),
               ('doc/examples/a.py', 'from carryall.protocols.smtp.client import SMTPClient\n')],
              [('services/a.py', 'from carryall.protocols.ftp import FTPServer\n'),
               ('services/a.py', 'from carryall.protocols.http.client import HTTPClient\n'),
               ('protocols/ftp/a.py', 'from carryall.protocols.ftp.server import FTPServer\n')]),
    'booleans': ([('core/a.py', 'class A(object):\n    def f(self):\n'
                   + ''.join('        self.%s = True\n' % name for name in 'abcdef'))],
                 [('core/a.py', 'class A(object):\n    def f(self):\n'
                   + ''.join('        self.%s = True\n' % name for name in 'abcde')
                   + '        self.a = False\n        self.f = 1\n        self.g = x > 2\n'),
                  ('tests/a.py', 'class A(object):\n    def f(self):\n'
                   + ''.join('        self.%s = True\n' % name for name in 'abcdef'))]),
    'yields': ([('core/a.py', 'def f():\n    show(0, (yield 1))\n'),
                ('core/a.py', 'def f():\n    x = show(show((yield 1)))\n'),
                ('tests/core/a.py', 'def f():\n    assert (yield 1) == 2\n'),
                ('app/a.py', 'def f():\n    if 1 < (yield 1):\n        pass\n')],
               [('core/a.py', 'def f():\n    x = yield 1\n    show(0, x)\n'),
                ('core/a.py', 'def f():\n    show((yield 1))\n    y = 1 + (yield 1)\n'),
                ('core/a_py3.py', 'def f():\n    show(0, (yield 1))\n')]),
    'needs': ([('protocols/ftp/a.py', 'from carryall.protocols.pop3 import server\n'),
               ('protocols/ftp/a.py', 'x = "carryall.protocols.pop3.server"\n'),
               ('core/a.py', 'import carryall.protocols.ftp.client\n'),
               ('tests/core/a.py', 'from carryall.protocols.ftp import client\n'),
               ('protocols/ftp/manifest.py', "MANIFEST = Manifest(name='ftp', needs=['pop3'])\n"),
               ('protocols/ftp/manifest.py', "MANIFEST = Manifest(name='ftp', needs=['x'])\n")],
              [('protocols/ftp/a.py', 'from carryall.core import family\n'),
               ('protocols/ftp/a.py', 'from carryall.protocols.ftp import client\n'),
               ('bench/a.py', 'from carryall.protocols.ftp import client\n'),
               ('protocols/ftp/manifest.py', "MANIFEST = Manifest(name='ftp')\n"),
               ('commands/catalogue.py', 'x = "carryall.protocols.ftp.client"\n')]),
    'removed_modules': ([('core/a.py', 'import cgi\n'), ('core/a.py', 'import enum\n'),
                         ('runtimes/a.py', 'import selectors\n'),
                         ('core/a.py', 'try:\n    import typing\nexcept ImportError:\n    pass\n')],
                        [('core/a.py', 'TYPE_CHECKING = False\nif TYPE_CHECKING:\n    from typing '
                                       'import Any\n'),
                         ('runtimes/a.py',
                          'try:\n    import selectors\nexcept ImportError:\n    pass\n'),
                         ('runtimes/a_py3.py', 'import enum\n')]),
    'no_version_checks': ([('core/a.py', 'import sys\nif sys.version_info > (3,): pass\n'),
                           ('core/a.py', 'x = unicode(1)\n'),
                           ('core/a.py', 'import sys\nif sys.platform == "x": pass\n'),
                           ('core/a.py',
                            'try:\n    import queue\nexcept ImportError:\n    import Queue\n')],
                          [('core/compat.py', 'import sys\nif sys.version_info > (3,): pass\n'),
                           ('runtimes/a.py', 'import sys\nif sys.platform == "x": pass\n'),
                           ('core/a.py', 'try:\n    import cProfile\nexcept ImportError:   # '
                                         'jython: it is slow\n    import profile\n')]),
    'no_getattr_dispatch': ([('core/a.py', 'getattr(x, "do_" + verb)\n'),
                             ('core/a.py', 'getattr(x, "do_%s" % verb)\n'),
                             ('protocols/a.py', 'getattr(x, verb)\n')],
                            [('core/a.py', 'getattr(x, row.method)\n'),
                             ('services/a.py', 'getattr(x, name + "_ns")\n'),
                             ('protocols/a.py', 'getattr(x, "name", None)\n')]),
    'bare_int': ([('protocols/a.py', 'x = int(line)\n'), ('protocols/a.py', 'x = int(line, 16)\n')],
                 [('protocols/a.py', 'x = int("7")\n'), ('protocols/a.py', 'x = int(now // 1)\n'),
                  ('core/a.py', 'x = int(y)\n')]),
    'size': ([('core/a.py', '\n' * 801), ('core/a.py', LONG),
              ('core/a.py', 'x = [\n' + '1,' * 1001 + ']\n')],
             [('core/a.py', '\n' * 800), ('core/a.py', 'x = [\n' + '1,' * 1000 + ']\n')]),
    'future_line': ([('core/a.py', 'x = 1\n'), ('core/a.py', '"""doc"""\nfrom __future__ import '
                                                             'division\n')],
                    [('core/a.py', HEAD), ('core/a.py', '"""doc"""\n'),
                     ('core/a_py3.py', 'x = 1\n')]),
    'licence_line': ([('core/a.py', 'x = 1\n'), ('bin/carryall', '#!/bin/sh\n'),
                      ('setup.py', 'x = 1\n')],
                     [('core/a.py', HEAD), ('core/a.py', ''),
                      ('bin/carryall', '#!/bin/sh\n' + HEAD)]),
    'names': ([('core/a.py', 'class LoopManager(object): pass\n'),
               ('core/a.py', 'def parse_helper(): pass\n'),
               ('core/utils.py', ''), ('core/a.py', 'class HTTPEngine(object): pass\n')],
              [('core/a.py', 'def set_exception_handler(): pass\nclass Handle(object): pass\n'),
               ('protocols/a.py', 'class Engine(object): pass\n')]),
    'catalogue': ([('commands/catalogue.py', 'TYPES = ()\n')], [('commands/other.py', '')]),
    'tables': ([('protocols/a.py', "Command(b'NOOP', 'cmd_noop', rfc='1')\n" + ROW),
                ('protocols/a.py', ROW.replace("rfc='1939#5'", '')), ('protocols/b.py', ROW)],
               [('protocols/a.py', ROW)]),
    'pointers': ([('doc/examples/a.py', '"""Tests:    tests/none.py"""\n'),
                  ('core/a.py', '"""A.\n\nTests:    tests/core/test_b.py\n"""\n'),
                  ('core/b.py', '"""Tests: tests/other/"""\n'),
                  ('core/b.py', 'def b():\n    """Tests: tests/core/a.py."""\n'),
                  ('core/b.py', '# see core/nowhere.py\n'),
                  ('core/b.py', '# as carryall.core.nowhere does\n'),
                  ('core/b.py', '# as carryall.core.family.nobody\n'),
                  ('core/b.py', '# ``nowhere.py`` says more\n'),
                  ('doc/a.md', 'see `core/nowhere.py`\n'),
                  ('doc/a.md', '[more](nowhere.md)\n'),
                  ('doc/a.md', '[more](core/nowhere.md)\n'), ('core/b.py', '# OTH-02 demands it\n'),
                  ('doc/a.md', 'OTH-02\n')],
                 [('core/b.py', '"""Tests:    tests/protocols/"""\n'),
                  ('core/b.py', '# core/family.py, protocols/ftp/ and bin/NAME\n'),
                  ('core/b.py', '# carryall.core.family.Base of ``family.py``; OTH-01; UTF-16\n'),
                  ('doc/a.md', '[more](features.md#x) and '
                               '[others](https://example.com/core/nowhere.py)\n'),
                  ('doc/a.md', '[relative](core/../features.md)\n'),
                  ('doc/conformance/a.md', '`protocols/test_a.py`\n'),
                  ('CHANGELOG.md', 'core/nowhere.py is gone\n'),
                  ('core/b.py', 'x = "core/nowhere.py is a text"\n')]),
    'option_names': ([('services/a.py', READS % 'max_conections'),
                      ('services/a.py', READS % "x[0]\noptions['x']"),
                      ('services/a.py', OPTIONS + 'def f(self): return self._options.prot\n'),
                      ('services/a.py', READS % 'port, named(options, "prot")'),
                      ('services/a.py', OPTIONS.replace("'port'", "'from'") +
                       'def f(options): return options.port\n')],
                     [('services/a.py', READS % 'max_connections'),
                      ('services/a.py', READS % 'port, named(options, "port")'),
                      ('services/a.py', OPTIONS.replace("'port'", "'from'") +
                       'def f(options): return options.from_\n'),
                      ('services/a.py', 'def f(self): return self.options.prot\n')]),
    'tags': ([('core/a.py', '# java: no such tag\n'), ('core/a.py', '# Jython: in lower case\n'),
              ('core/a.py', '# py2:\n'),
              ('core/a.py', '# TO' 'DO: later\n')],
             [('core/a.py', '# jython: it has no such thing\n# a note: fine\nx = "# hack: "\n')]),
    'words': ([('doc/a.txt', 'see /wor' 'k/main\n'), ('README.md', 'from Py' 'PI.org\n')],
              [('doc/a.txt', 'see build/\n')]),
    'private_reach': ([('core/a.py', INHERITS + '        self._secret()\n'),
                       ('core/a.py', INHERITS + '        self._set = 1\n'),
                       ('core/a.py', INHERITS + '        getattr(self, "_secret")\n'),
                       ('core/a.py', INHERITS + '        pass\n    def _secret(self): pass\n'),
                       ('core/a.py', INHERITS + '        pass\n    _slot = 2\n'),
                       ('core/a.py', 'from carryall.core.family import Child\n\nclass A(Child):\n  '
                                     '  def a(self):\n        self._set\n'),
                       ('core/a.py', 'from carryall.core import family\n\nclass A(family.Base):\n  '
                                     '  def a(me):\n        me._slot\n'),
                       ('core/a.py', 'class Mixin(object):\n    def a(self):\n        '
                                     'self._secret()\n'),
                       ('core/a.py', 'def a(base):\n    base._secret()\n'),
                       ('core/a.py', 'x = y.z._secret\n'),
                       ('core/a.py', 'hasattr(x, "_secret")\n'),
                       ('core/a.py', 'from carryall.core.family import _inside\n')],
                      [('core/a.py', INHERITS +
                        '        self._other = self._mine()\n    def _mine(self): pass\n'),
                       ('core/a.py', 'class A(object):\n    __slots__ = ("_a",)\n\ndef f(a):\n    '
                                     'return a._a\n'),
                       ('core/a.py', 'class A(object):\n    _a = 1\n\nclass B(A):\n    def '
                                     'b(self):\n        return self._a\n'),
                       ('core/a.py',
                        'import os\nos._exit(1)\nx._replace(y=1)\nx.__dict__\n_x = 1\n'),
                       ('tests/core/test_a.py', 'def test(a):\n    assert a._b\n')]),
    'depth': ([('core/a.py', DEEP + 'class E(D): pass\nclass F(E): pass\n'),
               ('core/a.py', DEEP + 'class E(D, M): pass\nclass M(object): pass\n'),
               ('core/a.py', 'class A(object):\n    def a(self, b):\n        # type: (Any, int) -> '
                             'None\n        pass\n'),
               ('core/a.py', 'class A(object):\n    def a(self):\n        # type: (Any) -> None\n  '
                             '      pass\n'),
               ('core/a_py3.py', 'class A:\n    def a(self: Any): pass\n')],
              [('core/a.py', DEEP + 'class E(D): pass\n'),
               ('tests/core/test_a.py', DEEP + 'class E(D): pass\nclass F(E): pass\n'),
               ('core/a.py', 'class A(object):\n    def a(self, b):\n        # type: (Any) -> '
                             'None\n        pass\n'),
               ('core/a.py', 'class A(object):\n    def a(self, b, *c):\n        # type: '
                             '(Dict[str, int], *Any) -> None\n        pass\n')]),
    'base_names': ([('protocols/family.py', ''), ('services/family.py', '')],
                   [('protocols/kin.py', ''), ('protocols/ftp/server.py', ''),
                    ('tests/core/family.py', '')]),
    'test_names': ([('tests/core/test_a.py', 'def test_garbage(): pass\n'),
                    ('tests/core/test_a.py', 'def test_l09_idempotent(): pass\n'),
                    ('tests/core/test_a.py', 'def test_it_ends_in_time(): pass\n'),
                    ('tests/core/test_a.py', 'def test_a_file_that_nobody_reads(): pass\n')],
                   [('tests/core/test_a.py', 'def test_an_idle_client_is_closed(): pass\n'),
                    ('tests/core/test_a.py', 'def test_l09_close_is_idempotent(): pass\n'),
                    ('tests/core/test_a.py', 'def garbage(): pass\n'),
                    ('core/a.py', 'def test_x(): pass\n')]),
    'width': ([('core/a.py', 'x = 1  # ' + 'a' * 93 + '\n'), ('doc/a.md', 'a ' * 51 + '\n'),
               ('dist/a.sh', '# ' + 'a' * 99 + '\n'), ('doc/examples/a.py', '#' * 101 + '\n'),
               ('bin/a', '#!/bin/sh\n# ' + 'a' * 99 + '\n'),
               ('core/a.py', "x = b'%s'\n" % ('a' * 96)),
               ('core/a.py', '# https://example.com/ ' + 'a' * 99 + '\n'),
               ('tests/a.py', "x = b'%s'\n" % ('a\\r\\n' * 20)),
               ('tests/a.py', 'x = ' + "b'a' + " * 14 + "b'a'\n"), ('noxfile.py', '#' * 101)],
              [('core/a.py', 'x = 1  # ' + 'a' * 91 + '\n'),
               ('core/a.py', '# see https://example.com/' + 'a' * 99 + '\n'),
               ('doc/a.md', '| ' + 'a ' * 99 + '|\n'), ('tests/a.py', "x = b'%s'\n" % ('a' * 96)),
               ('doc/a.md', 'Generated by bench/plots.py.\n' + 'a ' * 60),
               ('doc/a.txt', 'a ' * 60)]),
    'statements': ([('core/a.py', 'x = 1; y = 2\n'), ('core/a.py', 'if x: y = 2\n'),
                    ('core/a.py', 'def f(): pass\n'),
                    ('core/a.py', 'try:\n    x\nexcept: pass\n'), ('core/a.py', 'a = b = 1\n'),
                    ('core/a.py', 'a, b = 1, 2\n'), ('doc/examples/a.py', 'a, b = 1, 2\n'),
                    ('core/a.py', 'self.a, b = c, f(d)\n'), ('core/a.py', 'if f(lambda: 1): x\n'),
                    ('core/a.py', 'a = 1 if b else 2 if c else 3\n'),
                    ('core/a.py', 'a = 1 if b else [2 if c else 3]\n')],
                   [('core/a.py', 'if x:     # a comment; with a semicolon\n    y = {1: 2}\n'),
                    ('core/a.py', 'a, b = b, a\n'),
                    ('core/a.py', 'a, b = f()\n'), ('core/a.py', 'a, self.a = self.a, None\n'),
                    ('core/a.py', 'x = lambda a: a\n'),
                    ('core/a.py', 'if f(lambda: 1):\n    x[1:2]\n'),
                    ('core/a.py', 'a = (1 if b else 2), (1 if c else 2)\n'),
                    ('core/a_py3.py', 'a: int = 1\n'), ('core/a.py', 'x = "a; b"\n')]),
    'imperatives': ([('core/a.py', 'def f():\n    """Send a line."""\n'),
                     ('tests/core/a.py', 'class A:\n    def f():\n        """Make it."""\n')],
                    [('core/a.py', 'def f():\n    """Sends a line."""\n'),
                     ('core/a.py', 'def f():\n    """Count of lines."""\n'),
                     ('core/a.py', 'def f():\n    """Call it with a line."""\n'),
                     ('core/a.py', '"""Send a line with this."""\n'),
                     ('tests/a.py', 'def test_a_b_c():\n    """Send a line."""\n')]),
    'banned_words': ([('core/a.py', '"""What is there."""\n'), ('core/a.py', 'def f():\n    '
                                                                             '"""Whether it '
                                                                             'is."""\n'),
                      ('core/a.py', '"""A thing of old."""\n'), ('core/a.py', '# made anew\n'),
                      ('core/a.py', 'x = 1   # seconds; ours\n'),
                      ('core/a.py', 'log.info("nobody is there")\n'),
                      ('core/a.py', 'x = b"200 So be it."\n'),
                      ('core/a.py', '# the client who asks\n'),
                      ('core/a.py', '# for who wants it\n'),
                      ('doc/examples/a.py', '# for who wants it\n'),
                      ('core/a.py', '# Whoever asks\n'), ('core/a.py', '# that he sends\n'),
                      ('core/a.py', '# where there is no file\n'),
                      ('core/a.py', '"""' + 'word ' * 26 + '."""\n'),
                      ('core/a.py', '"""A.\n\n- B.\n- ' + 'word\n  ' * 26 + '"""\n'),
                      ('core/sending.py', ''), ('core/handover.py', '')],
                     [('core/a.py', '"""Whatever ``nobody`` is."""\n'),
                      ('core/a.py', '"""' + 'word ' * 25 + '.  ' + 'Word ' * 25 + '."""\n'),
                      ('core/a.py', '"""A.\n\n' + 'name      the rest, in columns\n' * 13
                       + '"""\n'),
                      ('core/a.py', '"""A::\n\n    ' + 'word ' * 30 + '\n\nEnd.\n"""\n'),
                      ('core/a.py', '"""``' + 'word ' * 30 + '`` is one."""\n'),
                      ('core/a.py', '"""' + 'word ' * 13 + 'e.g. ' + 'word ' * 11 + '."""\n'),
                      ('core/a.py', '# a user who is logged in\n'),
                      ('core/a.py', '# ' + 'word ' * 40 + '\n'),
                      ('tests/core/a.py', 'x = "nobody is there"\n'),
                      ('core/framing.py', ''), ('core/a.py', '# colours: red\n')]),
    'messages': ([('core/a.py', ERROR + '    if "full" in str(exc):\n        pass\n'),
                  ('core/a.py', ERROR + '    x = exc.args[0] == "full"\n'),
                  ('core/a.py', ERROR + '    text = str(exc).lower()\n    x = '
                                        'text.startswith("full")\n'),
                  ('core/a.py', ERROR + '    re.search("full", str(exc))\n'),
                  ('core/a.py', ERROR + '    x = "full" in exc.strerror\n')],
                 [('core/a.py', ERROR + '    x = exc.args[0] == 28\n'),
                  ('core/a.py', ERROR + '    log.info("failed: %s", str(exc))\n'),
                  ('core/a.py',
                   ERROR + '    # jython: gives nothing but a text\n    x = "full" in str(exc)\n'),
                  ('core/a.py', 'def f(line):\n    return "full" in str(line)\n')]),
    'type_comments': ([('core/a.py', 'def f(x):\n    # type: (int) -> int\n    return "1"\n')],
                      [('core/a.py', 'def f(x):\n    # type: (int) -> int\n    return x\n')]),
}


@pytest.fixture
def found(tmp_path):
    """Call it with a check, a path and a source: what the check finds in a tree with that file."""
    def run(name, path, source):
        files = {'core/family.py': FAMILY, 'doc/features.md': '| OTH-01 | dict | planned |\n',
                 'bin/carryall': '', 'protocols/ftp/client.py': '', 'protocols/pop3/server.py': '',
                 'protocols/ftp/manifest.py': "MANIFEST = Manifest(name='ftp')\n",
                 'protocols/pop3/manifest.py': "MANIFEST = Manifest(name='pop3')\n", path: source,
                 'tests/protocols/test_a.py': '"""STAT"""\n', 'core/__init__.py': '',
                 'carryall/__init__.py': '', 'pyproject.toml': ''}
        for each, text in files.items():
            tmp_path.joinpath(each).parent.mkdir(parents=True, exist_ok=True)
            tmp_path.joinpath(each).write_text(text, encoding='utf-8')
        return [finding for finding in load(name).check(Tree(str(tmp_path)))
                if finding.path == path]
    return run


def test_every_check_has_a_case():
    """A check that has never been seen to fail proves nothing."""
    assert sorted(CASES) == sorted(CHECKS)


@pytest.mark.limit(60)
@pytest.mark.parametrize('name, path, source',
                         [(name,) + case for name in CASES for case in CASES[name][0]])
def test_each_check_finds_its_fault(found, name, path, source, only_once):
    """A fault is found in the right file, at an existing line."""
    only_once(name)
    findings = found(name, path, source)
    assert findings, '%s found nothing in %r' % (name, source)
    assert all(1 <= finding.line <= source.count('\n') + 1 and finding.message
               for finding in findings), findings


@pytest.mark.limit(60)
@pytest.mark.parametrize('name, path, source',
                         [(name,) + case for name in CASES for case in CASES[name][1]])
def test_each_check_passes_correct_code(found, name, path, source, only_once):
    """Correct code passes."""
    only_once(name)
    assert found(name, path, source) == []


@pytest.fixture(scope='module')
def few():
    """The runtimes that parse_all compiles for here: the CPythons, and Jython if nothing else reads
    the syntax of 2.7."""
    wait_for_other_runtimes()
    found = interpreters.find()
    cpythons = [each for each in found if each.kind == 'cpython']
    return cpythons + [each for each in found if each.kind == 'jython'
                       and (2, 7) not in [one.version for one in cpythons]]


@pytest.fixture
def only_once(request, house_runtime, monkeypatch):
    """Call it with a check: the slow ones run on one runtime only, and compile for a few only."""
    def choose(name):
        if name in ('parse_all', 'type_comments'):
            house_runtime()
        if name == 'type_comments' and not setup.tools('types'):
            pytest.skip('mypy is not there: admin/check --types --setup')
        if name == 'parse_all':
            few = request.getfixturevalue('few')
            monkeypatch.setattr(interpreters, 'find', lambda: few)
    return choose
