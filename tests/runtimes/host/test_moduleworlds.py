# Copyright the carryall authors.  See LICENSE.
"""Interpreters (features MPY-09, MPY-10, NEW-17)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.runtimes.host import moduleworlds
from carryall.runtimes.host.moduleworlds import ModuleWorlds


def test_packages_and_relative_imports_are_found(tmpdir):
    tmpdir.join('shop/__init__.py').write('name = "shop"\n', ensure=True)
    tmpdir.join('shop/parts.py').write('from . import name\nfrom .deep import value\n')
    tmpdir.join('shop/deep.py').write('value = 3\n')
    tmpdir.join('user.py').write('import shop.parts\nfrom shop import deep\n'
                                 'import os.path as path\nfound = shop.parts.value + deep.value\n')
    interpreter = ModuleWorlds().named('x')
    with interpreter:
        module = interpreter.import_module('user', [str(tmpdir)])
        assert module.found == 6
        assert interpreter.import_module('shop.parts', [str(tmpdir)]).name == 'shop'


def test_a_module_that_fails_is_not_kept(tmpdir):
    path = tmpdir.join('broken.py')
    path.write('1 // 0\n')
    interpreter = ModuleWorlds().named('x')
    with interpreter:
        with pytest.raises(ZeroDivisionError):
            interpreter.import_module('broken', [str(tmpdir)])
        path.write('value = 1 + 1\n')
        assert interpreter.import_module('broken', [str(tmpdir)]).value == 2


def test_a_changed_module_is_loaded_again_if_that_is_wanted(tmpdir):
    path = tmpdir.join('mine.py')
    path.write('value = 1\n')
    interpreter = ModuleWorlds().named('x')
    with interpreter:
        assert interpreter.import_module('mine', [str(tmpdir)]).value == 1
        path.write('value = 100\n')
        assert interpreter.import_module('mine', [str(tmpdir)], False).value == 1
        assert interpreter.import_module('mine', [str(tmpdir)]).value == 100


def test_there_is_no_interpreter_outside_of_handlers():
    with pytest.raises(RuntimeError):
        ModuleWorlds().current()


def test_there_are_not_endless_interpreters(monkeypatch):
    monkeypatch.setattr(moduleworlds, 'MAX_INTERPRETERS', 2)
    interpreters = ModuleWorlds()
    assert interpreters.named('a') is interpreters.named('a')
    interpreters.named('b')
    with pytest.raises(ValueError):
        interpreters.named('c')


def test_a_page_imports_from_its_folders_and_what_is_provided(tmpdir):
    tmpdir.join('near.py').write('value = 5\n')
    interpreter = ModuleWorlds().named('x')
    with interpreter:
        page = interpreter.new_module('page', str(tmpdir.join('page.psp')), [str(tmpdir)])
        interpreter.provide('given', page)
        exec('import near, given\nfound = near.value, given.__name__\n', page.__dict__)
        assert page.found == (5, 'page')
        with pytest.raises(ImportError):
            interpreter.import_module('page')


def test_an_unused_interpreter_has_no_modules(tmpdir):
    tmpdir.join('kept.py').write('seen = []\n')
    interpreter = ModuleWorlds().named('x')
    with interpreter:
        interpreter.import_module('kept', [str(tmpdir)]).seen.append(1)
    with interpreter.unused() as other:
        assert other.import_module('kept', [str(tmpdir)]).seen == []
