# Copyright the carryall authors.  See LICENSE.
"""The interpreter of a console: statements, output, Ctrl-C, futures; on each backend."""
from __future__ import absolute_import, division, print_function

import sys

import pytest

from carryall.core.future import Future, sleep
from carryall.services.console import outputs
from carryall.services.console.interpreter import (MAX_PENDING, MAX_SOURCE, Interpreter,
                                                   make_namespace)
from tests.support import interpreter

try:
    import __builtin__ as builtins          # py2: its name there
except ImportError:
    import builtins


@pytest.fixture
def installed():
    outputs.install()
    yield
    outputs.uninstall()


class Stage(object):
    def __init__(self, loop):
        self.loop = loop
        self.shown = []
        self.later = []
        self.interpreter = Interpreter(loop, make_namespace(loop, {'extra': 7}), self.shown.append,
                                       self.later.append)

    def run(self, text, whole=False):
        """The output of a statement."""
        del self.shown[:]
        future = self.interpreter.source(text, whole)
        assert future is not None, '%r is not complete' % text
        self.loop.run_until(future)
        return u''.join(self.shown)


@pytest.fixture
def stage(loop, installed):
    return Stage(loop)


def test_a_statement_shows_its_value(stage):
    assert stage.run(u'1 + 1') == u'2\n'
    assert stage.run(u'_ * extra') == u'14\n'
    assert stage.run(u'x = 5') == u''
    assert stage.run(u'print(x); x') == u'5\n5\n'
    assert stage.run(u'None') == u'' and stage.run(u'') == u'' and stage.run(u'# only this') == u''
    assert stage.interpreter.source(u'def f(a):') is None and stage.interpreter.source(
        u'def f(a):\n    return a * 2') is None
    assert stage.run(u'def f(a):\n    return a * 2\n') == u'' and stage.run(u'f(21)') == u'42\n'
    assert stage.run(u'import sys; _ = sys.stderr.write("wrong\\n")') == u'wrong\n'


def test_text_beyond_ascii(stage):
    assert stage.run(u'print(u"\xe9\u20ac")') == u'\xe9\u20ac\n'


def test_a_paste_may_have_blank_lines(stage):
    text = u'def g():\n    x = 1\n\n    return x + 1\n\nclass A:\n    pass\nprint(g())\n'
    assert stage.run(text, whole=True) == u'2\n'


def test_an_error_shows_its_traceback(stage):
    shown = stage.run(u'1 // 0')
    assert shown.startswith(u'Traceback') and u'ZeroDivisionError' in shown \
        and u'<console>' in shown
    assert u'interpreter.py' not in shown, 'our own frame is no business of the user'
    assert u'SyntaxError' in stage.run(u'this wrong') and u'Error: ' in stage.run(u'  x = 1')
    assert u'too long' in stage.run(u'#' * (MAX_SOURCE + 1))
    assert stage.run(u'1') == u'1\n', 'it goes on'


@pytest.mark.parametrize('code', [u'raise SystemExit(3)', u'exit()', u'quit()', u'exit(3)'])
def test_exit_ends_the_session(stage, monkeypatch, code):
    """Also where no ``site`` has put exit and quit among the built-in names:
    in a frozen program, and in the jar."""
    for name in ('exit', 'quit'):
        monkeypatch.delattr(builtins, name, raising=False)
    assert stage.run(code) == u''
    assert stage.interpreter.finished


def test_exit_tells_how(stage):
    """As Python's own, whose call would close our stdin."""
    assert stage.run(u'exit') == u'exit() ends the session\n' and stage.run(
        u'quit') == u'quit() ends the session\n'
    assert not stage.interpreter.finished


@pytest.mark.parametrize('code', [u'while True: pass\n', u'while True:\n    pass\n',
                                  u'def f():\n    while True:\n        x = 1\n\nf()',
                                  u'try:\n    while True: pass\nfinally:\n    print("cleaned '
                                  u'up")\n'])
def test_ctrl_c_interrupts_a_statement(stage, code):
    stage.loop.call_later(0.1, stage.interpreter.interrupt)
    shown = stage.run(code, whole=True)
    assert shown.endswith(u'KeyboardInterrupt\n') \
        and (u'cleaned up' in shown) == (u'finally' in code)
    assert stage.run(u'1') == u'1\n'


def test_a_flood_waits_for_the_client(stage):
    blocked = [True]
    stage.interpreter.blocked = lambda: blocked[0]
    future = stage.interpreter.source(u'for number in range(30000): print("0123456789")\n')
    stage.loop.run_until(sleep(stage.loop, 0.2))
    assert not future.done() and stage.interpreter._written - stage.interpreter._taken < 2 \
        * MAX_PENDING, 'memory grows with what nobody reads'
    blocked[0] = False
    stage.interpreter.unblock()
    stage.loop.run_until(future)
    assert u''.join(stage.shown).count(u'\n') == 30000, 'something is lost'


def test_a_flood_is_interrupted(stage):
    stage.interpreter.blocked = lambda: True
    future = stage.interpreter.source(u'while True: print("0123456789")\n')
    if future is None:
        future = stage.interpreter.source(u'while True: print("0123456789")\n\n')
    stage.loop.run_until(sleep(stage.loop, 0.2))
    stage.interpreter.interrupt()
    stage.loop.run_until(sleep(stage.loop, 0.2))
    stage.interpreter.interrupt()
    stage.loop.run_until(future)
    assert not stage.interpreter.running


def test_call_runs_on_the_loop(stage):
    assert stage.run(u'call(lambda: 6 * 7)') == u'42\n'
    assert u'KeyError' in stage.run(u'call(lambda: {}["x"])')
    assert stage.run(u'call(loop.resolve, "127.0.0.1", 80)[0].port') == u'80\n', \
        'a future is waited for'


def test_futures_come_later(stage):
    future = Future()
    stage.interpreter.namespace['future'] = future
    assert stage.run(u'future') == u'<Future 1>\n'
    stage.loop.run_until(sleep(stage.loop, 0.05))
    future.set_result(u'done')
    assert stage.later == [u'Future 1: %r\n' % u'done']
    broken = Future()
    stage.interpreter.namespace['future'] = broken
    stage.run(u'future')
    stage.loop.run_until(sleep(stage.loop, 0.05))
    broken.set_exception(ValueError('no'))
    assert stage.later[1:] == [u'Future 2 failed: ValueError: no\n']


def test_each_session_gets_its_own_output(loop, installed, capsys):
    stages = [Stage(loop) for _ in range(3)]
    futures = [each.interpreter.source(u'for step in range(200): print(%d)\n' % number)
               for number, each in enumerate(stages)]
    for future in futures:
        loop.run_until(future)
    assert [u''.join(each.shown) for each in stages] == [u'%d\n' % number * 200
                                                         for number in range(3)]
    assert capsys.readouterr()[0] == ''


if interpreter.JYTHON:
    def test_java_objects_are_shown(stage):
        assert stage.run(u'from java.util import ArrayList; a = ArrayList([3, 1, 2]); a.size()') \
            == u'3\n'
        assert stage.run(u'from java.util import Collections; Collections.sort(a); list(a)') \
            == u'[1, 2, 3]\n'
        shown = stage.run(u'a.get(99)')
        assert u'IndexOutOfBounds' in shown and stage.run(u'1') == u'1\n', \
            'what Java throws is shown, and that is all'


def test_the_streams_are_put_back():
    before = sys.stdout, sys.stderr, sys.displayhook
    outputs.install()
    outputs.install()
    outputs.uninstall()
    assert sys.stdout is not before[0]
    outputs.uninstall()
    assert (sys.stdout, sys.stderr, sys.displayhook) == before
