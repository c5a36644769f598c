# Copyright the carryall authors.  See LICENSE.
"""The registry of service types: the table, entry points, drop-in files."""
from __future__ import absolute_import, division, print_function

import importlib
import os
import re
import sys

import pytest

from carryall.app import servicetypes as registry_module
from carryall.core.errors import CarryallError, UsageError
from carryall.app.listeningoptions import ListeningOptions
from carryall.app.options import Endpoint, Option, Path, Schema
from carryall.app.servicetypes import Registry, ServerType, ServiceType, UnknownType
from carryall.commands.catalogue import FORMER, TYPES
from carryall.app.service import Service


class Sample(ServiceType):
    """A type of the tests."""

    name = 'sample'
    summary = 'of the tests'
    options = Schema([Option('port', Endpoint(), default='tcp:0'), Option('path', Path('folder'))])

    def make(self, values):
        return Service('sample')


LISTENING = ListeningOptions('port', 'tcp:7', interface='')


class Listed(ServerType):
    """A type whose service has its options alone."""

    name = 'listed'
    options = Schema([LISTENING])
    service = Service
    listening = LISTENING


MODULE = '''\
from carryall.app.options import Schema
from carryall.app.servicetypes import ServiceType


class Type(ServiceType):
    name = %r
    summary = 'found'
    options = Schema([])


TYPE = Type()
'''


@pytest.fixture
def folder(tmpdir):
    """A folder that Python imports from, while the test lasts."""
    path = str(tmpdir)
    sys.path.append(path)
    before = set(sys.modules)
    if hasattr(importlib, 'invalidate_caches'):
        importlib.invalidate_caches()
    yield tmpdir
    sys.path.remove(path)
    for name in set(sys.modules) - before:
        if name.startswith('found_'):
            del sys.modules[name]


def test_the_builtin_table_is_complete_and_sorted():
    """Each row is a good name, a module of ours, a short summary; the names are in order."""
    assert [row[0] for row in TYPES] == sorted(row[0] for row in TYPES)
    for name, module, summary in TYPES:
        assert registry_module.NAME.match(name), name
        assert re.match(r'carryall\.services\.[a-z_.]+\Z', module), module
        assert 0 < len(summary) < 60 and not summary.endswith('.'), summary


def test_listing_imports_nothing():
    """The list of types costs no import of a service."""
    before = set(sys.modules)
    rows = Registry(TYPES, path=[], environ={}).rows()
    assert rows == [(name, summary) for name, _, summary in TYPES]
    assert not [name for name in set(sys.modules) - before if 'carryall' in name]


def test_an_unknown_type_is_refused_with_the_list():
    """The sentence ends with the list of those that there are."""
    registry = Registry([('a', 'x.a', 'first'), ('b', 'x.b', 'second')], path=[], environ={})
    with pytest.raises(UnknownType) as caught:
        registry.get('c')
    assert caught.value.message == u'there is no service type "c"; there are: a, b'
    assert isinstance(caught.value, UsageError)


@pytest.mark.parametrize('name, sentence', [
    ('manhole', u'there is no service type "manhole", but "telnet" does its work '
                u'("carryall help telnet" tells how)'),
    ('aa', u'there is no service type "aa"; did you mean "a"? ("carryall types" lists them)'),
    ('words', u'there is no service type "words" yet; there are: a')])
def test_a_type_that_is_missing_is_told_with_the_way_on(name, sentence):
    registry = Registry([('a', 'x.a', 'first')], [], {}, [('manhole', 'telnet')], ['words'])
    with pytest.raises(UnknownType) as caught:
        registry.get(name)
    assert caught.value.message == sentence


def test_other_names_lead_to_types_of_ours():
    names = set(row[0] for row in TYPES)
    assert set(row[1] for row in FORMER) <= names
    assert not set(row[0] for row in FORMER) & names


def test_a_registry_without_a_table_has_the_types_and_warns():
    with pytest.warns(DeprecationWarning, match='carryall.commands.catalogue.TYPES'):
        made = Registry(path=[], environ={})
    assert made.rows() == [(name, summary) for name, _, summary in TYPES]


def test_the_former_table_has_the_types_and_warns():
    with pytest.warns(DeprecationWarning, match='carryall.commands.catalogue.TYPES'):
        rows = list(registry_module.BUILTIN)
    assert rows == list(TYPES)


def test_an_added_type_needs_no_module():
    """A type at hand needs no module."""
    registry = Registry((), path=[], environ={})
    registry.add(Sample())
    assert registry.get('sample').summary == 'of the tests'
    assert ('sample', 'of the tests') in registry.rows()


def test_types_come_from_modules(folder):
    """The module is imported when the type is used, once."""
    folder.join('found_one.py').write(MODULE % 'one')
    registry = Registry([('one', 'found_one', 'first')], path=[], environ={})
    assert 'found_one' not in sys.modules
    kind = registry.get('one')
    assert kind.name == 'one'
    assert registry.get('one') is kind


def test_a_broken_module_is_reported_by_name(folder):
    """A module that cannot be imported, or that holds another type, is told by name."""
    folder.join('found_odd.py').write(MODULE % 'other')
    folder.join('found_empty.py').write('')
    folder.join('found_needy.py').write('import a_package_that_nobody_has\n')
    rows = [('odd', 'found_odd', ''), ('empty', 'found_empty', ''), ('needy', 'found_needy', ''),
            ('none', 'found_none', '')]
    registry = Registry(rows, path=[], environ={})
    for name, words in (('odd', 'does not define the service type odd'),
                        ('empty', 'does not define'),
                        ('needy', 'a_package_that_nobody_has'), ('none', 'cannot be used here')):
        with pytest.raises(CarryallError) as caught:
            registry.get(name)
        assert words in caught.value.message, caught.value.message


def test_entry_points_announce_types(folder):
    """Types that installed distributions announce are found, in both forms of metadata folders."""
    folder.mkdir('one-1.0.dist-info').join('entry_points.txt').write(
        '[console_scripts]\nx = nowhere:main\n\n[carryall.types]\none = found_one\n# two = '
        'found_two\n'
        'three = found_three:TYPE [extra]\n[other]\nfour = found_four\n')
    folder.mkdir('five.egg-info').join('entry_points.txt').write(
        '[carryall.types]\r\nfive=found_five\r\n')
    folder.mkdir('six-1.0.dist-info')
    registry = Registry([], path=[str(folder)], environ={})
    assert registry.rows() == [('five', 'from found_five'), ('one', 'from found_one'),
                               ('three', 'from found_three')]
    folder.join('found_one.py').write(MODULE % 'one')
    assert registry.get('one').summary == 'found'


def test_drop_in_files_announce_types(folder):
    """Files with a type a line, on the path or where the environment says."""
    other = folder.mkdir('other')
    folder.join('a.carryall-types').write(
        '# comment\n\none found_one the first one\ntwo found_two\nbad\n')
    other.join('b.carryall-types').write('three found_three x\n')
    registry = Registry([], path=[str(folder)],
                        environ={'CARRYALL_TYPES': os.pathsep.join([str(other), '', '/nowhere'])})
    assert registry.rows() == [('one', 'the first one'), ('three', 'x'), ('two', 'from found_two')]


def test_the_table_comes_first(folder):
    """No other distribution can take the name of a built-in type."""
    folder.join('a.carryall-types').write('web found_evil other\n')
    registry = Registry([('web', 'carryall.services.web', 'ours')], path=[str(folder)], environ={})
    assert registry.rows() == [('web', 'ours')]


@pytest.mark.parametrize('line', ['UPPER found_x', '-x found_x', '../x found_x', 'x ../found',
                                  'x os;system', 'x', 'x' * 40 + ' found_x', u'caf\xe9 found_x',
                                  'x found..x'])
def test_bad_lines_are_left_out(folder, line):
    """A line that is not of the form is not there."""
    folder.join('a.carryall-types').write_binary((line + u'\n').encode('utf-8'))
    assert Registry([], path=[str(folder)], environ={}).rows() == []


def test_large_files_and_many_types_are_refused(folder, monkeypatch):
    """A file that is too large, and too many types."""
    monkeypatch.setattr(registry_module, 'MAX_PLUGIN_FILE', 100)
    folder.join('a.carryall-types').write('one found_one\n' + '#' * 100)
    assert Registry([], path=[str(folder)], environ={}).rows() == []
    monkeypatch.setattr(registry_module, 'MAX_PLUGINS', 2)
    folder.join('a.carryall-types').write('a x\nb x\nc x\n')
    assert [row[0] for row in Registry([], path=[str(folder)], environ={}).rows()] == ['a', 'b']


def test_service_type_defaults(tmpdir):
    """The defaults of a type that leaves its optional parts out."""
    kind = Sample()
    values = kind.options.parse(['--path', str(tmpdir.join('none'))])
    assert len(kind.check(values)) == 1
    assert kind.endpoints(values) == [u'tcp:0']
    with pytest.raises(CarryallError) as caught:
        kind.upgrade({}, 0)
    assert 'sample' in caught.value.message
    with pytest.raises(NotImplementedError):
        ServiceType().make({})


def test_a_server_type_makes_its_service_of_the_options():
    options = Listed.options.parse([])
    assert Listed().make(options).name is options


def test_a_server_type_listens_where_its_group_says():
    options = Listed.options.parse(['--port', '99', '--interface', '::1'])
    assert Listed().endpoints(options) == [u'tcp:99:interface=[::1]']
