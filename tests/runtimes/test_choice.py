# Copyright the carryall authors.  See LICENSE.
"""choose() and backends() explain themselves (RT-02)."""
from __future__ import absolute_import, division, print_function

import logging
import os
import subprocess
import sys

import pytest

from carryall import runtimes
from carryall.core.errors import UsageError
from carryall.core.net.loop import Loop
from tests.support import interpreter

GUESTS = ['trio', 'tk', 'gtk3', 'gtk4', 'qt5', 'qt6', 'wx', 'swing', 'win32']
ALL = ['epoll', 'kqueue', 'nio', 'poll', 'select', 'threads', 'asyncio'] + GUESTS


ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LISTED = r'''
import sys
sys.path.insert(0, %r)
from carryall import runtimes
runtimes.backends()
print([name for name in ("tkinter", "Tkinter", "gi", "PyQt5", "PyQt6", "PySide6", "wx", "trio")
       if name in sys.modules])
'''


def test_backends_are_all_listed_with_a_reason():
    found = runtimes.backends()
    assert [each.name for each in found] == ALL
    for each in found:
        assert each.available in (True, False)
        assert len(each.reason) > 10, '%s does not say why' % each.name


def test_choose_takes_the_best_and_logs_why(caplog):
    caplog.set_level(logging.INFO)
    loop = runtimes.choose()
    try:
        assert isinstance(loop, Loop)
        assert loop.backend == [each.name for each in runtimes.backends() if each.available
                                and each.automatic][0]
        said = [record.getMessage() for record in caplog.records
                if 'backend' in record.getMessage()]
        assert said and loop.backend in said[0] and len(said[0]) > len(loop.backend) + 15
    finally:
        loop.close()


def test_choose_the_best_of_this_interpreter():
    loop = runtimes.choose('auto')
    loop.close()
    if interpreter.JYTHON:
        assert loop.backend == 'nio'
    else:
        import select
        assert loop.backend == ('epoll' if hasattr(select, 'epoll') else loop.backend)


def test_choose_by_name_makes_a_new_loop_each_time():
    one = runtimes.choose('threads')
    two = runtimes.choose('threads')
    assert one is not two and one.backend == two.backend == 'threads'
    one.close()
    two.close()


def test_choose_what_does_not_exist():
    with pytest.raises(UsageError) as caught:
        runtimes.choose('teletype')
    for name in ALL:
        assert name in str(caught.value)


@pytest.mark.parametrize('name', ALL)
def test_choose_what_cannot_run_says_why(name):
    each, = [one for one in runtimes.backends() if one.name == name]
    if each.available:
        if not each.guest:              # else it would load a toolkit into this process
            runtimes.choose(name).close()
        return
    with pytest.raises(UsageError) as caught:
        runtimes.choose(name)
    assert each.reason in str(caught.value) and name in str(caught.value)


@pytest.mark.parametrize('name', ['asyncio'] + GUESTS)
def test_a_guest_is_never_chosen_unasked(name):
    assert [each.automatic for each in runtimes.backends() if each.name == name] == [False]


def test_the_toolkits_are_guests_and_no_other_backend_is():
    assert [each.name for each in runtimes.backends() if each.guest] == GUESTS


def test_listing_the_backends_imports_no_toolkit():
    said = subprocess.check_output([sys.executable, '-c', LISTED % (ROOT,)])
    assert said.strip() == b'[]', said


@pytest.mark.parametrize('name', GUESTS)
def test_the_caps_of_a_guest_need_no_toolkit(name):
    each, = [one for one in runtimes.backends() if one.name == name]
    assert each.caps().signals
