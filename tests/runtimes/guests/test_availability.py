# Copyright the carryall authors.  See LICENSE.
"""A toolkit that cannot be had is refused with a sentence that says why."""
from __future__ import absolute_import, division, print_function

import sys
import types

import pytest

from carryall.core.errors import UsageError
from carryall.runtimes import registry
from carryall.runtimes.guests import availability
from carryall.runtimes.platform import ON_JVM

MODULES = ['tkinter', 'gi', 'gi.repository.Gtk', 'PyQt5', 'PyQt5.QtWidgets', 'PyQt6',
           'PyQt6.QtWidgets', 'PySide2', 'PySide6', 'PySide6.QtWidgets', 'wx', 'trio']

pytestmark = pytest.mark.skipif(ON_JVM, reason='on a JVM there is Swing alone')


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    """No toolkit is loaded, and there is no display."""
    for name in MODULES:
        monkeypatch.delitem(sys.modules, name, raising=False)
    for name in ('DISPLAY', 'WAYLAND_DISPLAY', 'QT_QPA_PLATFORM'):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(availability.sys, 'platform', 'linux')


def pretend(monkeypatch, name, **attributes):
    """A module of that name, as if it were imported."""
    module = types.ModuleType(name)
    vars(module).update(attributes)
    monkeypatch.setitem(sys.modules, name, module)
    return module


def reason_of(name):
    """The reason for which a backend is not here."""
    each = registry.Backend(name)
    assert not each.available
    return each.reason


@pytest.mark.parametrize('name', ['gtk3', 'gtk4', 'qt5', 'qt6', 'wx', 'trio', 'tk'])
def test_a_missing_toolkit_is_told_with_its_package(monkeypatch, name):
    monkeypatch.setattr(availability, '_module_here', lambda _name: False)
    assert 'has it as' in reason_of(name)


@pytest.mark.parametrize('name, module', [('gtk3', 'gi'), ('gtk4', 'gi'), ('qt5', 'PyQt5'),
                                          ('qt6', 'PySide6'), ('wx', 'wx')])
def test_without_a_display_the_reason_names_the_variable(monkeypatch, name, module):
    pretend(monkeypatch, module)
    assert 'neither DISPLAY nor WAYLAND_DISPLAY is set' in reason_of(name)


def test_a_display_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setenv('DISPLAY', ':9791')
    assert ':9791 does not answer' in availability.display_problem()


def test_a_display_of_another_host_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setenv('DISPLAY', '127.0.0.1:48791.0')
    assert '127.0.0.1:48791.0 does not answer' in availability.display_problem()


def test_a_variable_that_names_no_display_is_told(monkeypatch):
    monkeypatch.setenv('DISPLAY', 'nonsense')
    assert 'names no display' in availability.display_problem()


def test_wayland_is_a_display(monkeypatch):
    monkeypatch.setenv('WAYLAND_DISPLAY', 'wayland-0')
    assert availability.display_problem() is None


def test_qt_without_windows_needs_no_display(monkeypatch):
    pretend(monkeypatch, 'PyQt6')
    monkeypatch.setenv('QT_QPA_PLATFORM', 'offscreen')
    assert registry.Backend('qt6').available


@pytest.mark.parametrize('name, module, loaded, word', [
    ('gtk3', 'gi', 'wx', 'wx'),
    ('qt6', 'PyQt6', 'PyQt5.QtWidgets', 'PyQt5'),
    ('wx', 'wx', 'gi.repository.Gtk', 'GTK'),
    ('tk', 'tkinter', 'PySide6.QtWidgets', 'PySide6'),
])
def test_a_second_toolkit_in_one_process_is_refused(monkeypatch, name, module, loaded, word):
    monkeypatch.setenv('WAYLAND_DISPLAY', 'wayland-0')
    monkeypatch.setattr(availability, '_module_here', lambda _name: True)
    pretend(monkeypatch, loaded)
    assert reason_of(name).startswith(word + ' is in use in this process')


def test_the_other_gtk_in_one_process_is_refused(monkeypatch):
    monkeypatch.setenv('WAYLAND_DISPLAY', 'wayland-0')
    pretend(monkeypatch, 'gi')
    pretend(monkeypatch, 'gi.repository.Gtk', MAJOR_VERSION=3)
    assert 'GTK 3 is in use' in reason_of('gtk4')


@pytest.mark.parametrize('name, module, version', [
    ('trio', 'trio', dict(__version__='0.11.0')),
    ('wx', 'wx', dict(__version__='3.0.2', VERSION=(3, 0, 2, 0, ''))),
])
def test_a_toolkit_that_is_too_old_is_refused_with_its_version(monkeypatch, name, module, version):
    monkeypatch.setenv('WAYLAND_DISPLAY', 'wayland-0')
    pretend(monkeypatch, module, **version)
    with pytest.raises(UsageError) as caught:
        registry.Backend(name).make()
    assert '%s %s is too old' % (module, version['__version__']) in str(caught.value)


def test_a_qt_that_is_too_old_is_refused_with_its_version(monkeypatch):
    monkeypatch.setenv('QT_QPA_PLATFORM', 'offscreen')
    core = types.ModuleType('PyQt5.QtCore')
    core.qVersion = lambda: '5.2.1'
    pretend(monkeypatch, 'PyQt5', QtCore=core, QtWidgets=types.ModuleType('PyQt5.QtWidgets'))
    monkeypatch.setattr(availability, '_module_here', lambda name: name == 'PyQt5')
    with pytest.raises(UsageError) as caught:
        registry.Backend('qt5').make()
    assert 'Qt 5.2.1, which is too old' in str(caught.value)


def test_swing_is_for_jython():
    assert 'needs Jython' in reason_of('swing')


def test_message_loops_are_for_windows():
    assert 'on Windows alone' in reason_of('win32')
