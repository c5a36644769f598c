# Copyright the carryall authors.  See LICENSE.
"""Each manifest is complete: what it names exists, and what exists is named by one manifest."""
from __future__ import absolute_import, division, print_function

import importlib
import io
import os
import re

import pytest

from carryall.app.servicetypes import NAME, ServiceType
from carryall.commands import catalogue
from carryall.commands.firstline import address_of
from carryall.core.manifest import DONE, OPEN, PART, Manifest, manifests

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MANIFESTS = manifests(catalogue.MANIFESTS)
IDS = [manifest.name for manifest in MANIFESTS]
WORD = re.compile(r'[a-z][a-z0-9-]*\Z')
FEATURE = re.compile(r'[A-Z]{1,3}-[0-9]{2}\Z')
each_manifest = pytest.mark.parametrize('manifest', MANIFESTS, ids=IDS)


def path(*parts):
    """A path in the checkout."""
    return os.path.join(ROOT, *'/'.join(parts).split('/'))


def names_of(folder, ending):
    """The names of the files in a folder, without their ending."""
    return set(name[:-len(ending)] for name in os.listdir(path(folder))
               if name.endswith(ending) and name != '__init__.py')


def examples():
    """The paths of all examples, below doc/examples."""
    top = path('doc/examples')
    return set(os.path.relpath(os.path.join(folder, name), top).replace(os.sep, '/')
               for folder, _, names in os.walk(top) for name in names
               if not name.endswith(('.pyc', '.class')) and '__pycache__' not in folder)


def named(attribute):
    """All that the manifests name under one attribute, a name for each time."""
    return sorted(each for manifest in MANIFESTS for each in getattr(manifest, attribute))


# -- what a manifest names exists ------------------------------------------------------------------

def test_every_manifest_has_a_name_of_its_own():
    assert len(set(IDS)) == len(IDS)


@each_manifest
def test_a_manifest_is_one_with_a_name_and_a_summary(manifest):
    assert isinstance(manifest, Manifest)
    assert WORD.match(manifest.name)
    assert manifest.summary


@each_manifest
def test_the_face_of_a_manifest_is_a_package(manifest):
    if manifest.face:
        assert hasattr(importlib.import_module(manifest.face), '__path__')


@each_manifest
def test_a_type_of_a_manifest_is_defined_in_its_module(manifest):
    for entry in manifest.types:
        kind = importlib.import_module(entry.module).TYPE
        assert isinstance(kind, ServiceType)
        assert kind.name == entry.name
        assert NAME.match(entry.name)
        assert 0 < len(entry.summary) < 60
        assert entry.former == tuple(sorted(entry.former))


@each_manifest
def test_a_type_of_a_manifest_listens_with_its_words(manifest):
    for entry in manifest.types:
        kind = importlib.import_module(entry.module).TYPE
        assert kind.endpoints(kind.options.parse(list(entry.words)))


@each_manifest
def test_a_listener_of_a_manifest_has_its_url_on_a_terminal(manifest):
    for entry in manifest.urls:
        for scheme, behind in ((entry.scheme, u''), (entry.secure, u' with TLS')):
            shown = address_of(u'%s on 127.0.0.1:1%s' % (entry.listener, behind))
            assert not scheme or shown == u'%s://127.0.0.1:1%s' % (scheme, entry.path)


@each_manifest
def test_a_command_of_a_manifest_has_what_its_usages_name(manifest):
    for entry in manifest.commands:
        module = importlib.import_module(entry.module)
        assert WORD.match(entry.word)
        assert callable(getattr(module, entry.function))
        assert entry.usages
        for usage in entry.usages:
            for attribute in (usage.schema, usage.summary, usage.trailer):
                assert not attribute or getattr(module, attribute)


@each_manifest
def test_a_fuzz_target_of_a_manifest_is_in_its_module(manifest):
    for entry in manifest.fuzz:
        targets = importlib.import_module(entry.module).ALL
        assert set(entry.names) <= set(target.name for target in targets)


@each_manifest
def test_the_files_of_a_manifest_exist(manifest):
    wanted = [path(each) for each in manifest.paths]
    wanted += [path('doc/examples', each) for each in manifest.examples]
    wanted += [path('doc/conformance', each + '.md') for each in manifest.pages]
    wanted += [path('acceptance/cases', each + '.py') for each in manifest.cases]
    assert [each for each in wanted if not os.path.exists(each)] == []


@each_manifest
def test_a_feature_of_a_manifest_has_an_id_a_state_and_a_line(manifest):
    for entry in manifest.features:
        assert FEATURE.match(entry.id)
        assert entry.state in (DONE, PART, OPEN)
        assert entry.text
        assert u'\n' not in entry.text


@each_manifest
def test_a_program_of_its_own_is_a_type_of_the_manifest(manifest):
    types = dict((entry.name, importlib.import_module(entry.module).TYPE)
                 for entry in manifest.types)
    for entry in manifest.binaries:
        kind = types[entry.type]
        assert kind.endpoints(kind.options.parse(list(entry.words)))


# -- what exists is named --------------------------------------------------------------------------

def test_every_manifest_of_the_tree_is_in_the_catalogue():
    found = []
    for top in ('apps', 'commands', 'protocols', 'services'):
        for folder, _, names in os.walk(path(top)):
            if 'manifest.py' in names:
                dotted = os.path.relpath(folder, ROOT).replace(os.sep, '.')
                found.append('carryall.%s.manifest' % dotted)
    assert sorted(found) == sorted(catalogue.MANIFESTS)


@pytest.mark.parametrize('attribute, found', [
    ('cases', names_of('acceptance/cases', '.py')),
    ('pages', names_of('doc/conformance', '.md')),
    ('examples', examples())], ids=['cases', 'pages', 'examples'])
def test_everything_that_exists_belongs_to_one_manifest(attribute, found):
    assert named(attribute) == sorted(found)


def test_every_peer_of_the_acceptance_cases_belongs_to_one_manifest():
    peers = ['acceptance/peers/' + name for name in sorted(os.listdir(path('acceptance/peers')))
             if name not in ('__init__.py', '__pycache__')]
    assert [each for each in named('paths') if each.startswith('acceptance/peers/')] == peers


def test_every_fuzz_target_belongs_to_one_manifest():
    names = [name for manifest in MANIFESTS for entry in manifest.fuzz for name in entry.names]
    modules = sorted(name for name in names_of('tests/fuzz', '.py') if name.endswith('_targets'))
    found = [target.name for module in modules
             for target in importlib.import_module('tests.fuzz.' + module).ALL]
    assert sorted(names) == sorted(found)


def test_every_protocol_package_has_a_manifest():
    packages = ['carryall.protocols.' + name for name in sorted(os.listdir(path('protocols')))
                if os.path.exists(path('protocols', name, '__init__.py'))]
    held = [name.rpartition('.')[0] for name in catalogue.MANIFESTS]
    assert [each for each in packages if each not in held] == []


def test_every_command_module_with_a_schema_is_a_command():
    modules = set(row[1] for row in catalogue.USAGES)
    found = set()
    for name in names_of('commands', '.py'):
        with io.open(path('commands', name + '.py'), encoding='utf-8') as source:
            if re.search(r'^SCHEMA = ', source.read(), re.M) and name != 'main':
                found.add('carryall.commands.' + name)
    assert found <= modules


@pytest.mark.parametrize('rows', [catalogue.TYPES, catalogue.COMMANDS, catalogue.USAGES,
                                  catalogue.FIXTURES, catalogue.URLS],
                         ids=['types', 'commands', 'usages', 'fixtures', 'urls'])
def test_no_name_of_the_catalogue_is_there_twice(rows):
    names = [row[0] for row in rows]
    assert len(set(names)) == len(names)


def test_no_feature_is_defined_twice():
    ids = [entry.id for manifest in MANIFESTS for entry in manifest.features]
    assert len(set(ids)) == len(ids)


def proved():
    """The features that each acceptance case proves, by the name of the case."""
    found = {}
    for name in names_of('acceptance/cases', '.py'):
        with io.open(path('acceptance/cases', name + '.py'), encoding='utf-8') as source:
            rows = re.search(r'^PROVES = \[(.*?)\]', source.read(), re.M | re.S).group(1)
        found[name] = re.findall(r"'([^']+)'", rows)
    return found


def test_every_feature_that_a_case_proves_is_defined():
    ids = set(entry.id for manifest in MANIFESTS for entry in manifest.features)
    wanted = set(each for features in proved().values() for each in features)
    assert sorted(wanted - ids) == []


def test_every_feature_that_is_done_is_shown_by_a_case():
    shown = set(each for features in proved().values() for each in features)
    done = [entry.id for manifest in MANIFESTS for entry in manifest.features
            if entry.state == DONE]
    assert [each for each in done if each not in shown] == []
