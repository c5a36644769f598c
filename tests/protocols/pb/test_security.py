# Copyright the carryall authors.  See LICENSE.
"""SecurityOptions and Registry: what is known is what was handed in."""
from __future__ import absolute_import, division, print_function

import math
import sys

import pytest

from carryall.core.errors import LocalProtocolError
from carryall.protocols import pb
from carryall.protocols.pb.security import InsecureJelly, native_keys, native_name, qualified_name
from tests.protocols.pb.stage import Pair


class First(pb.RemoteCopy):
    pass


class Second(First):
    pass


class Third(object):
    pass


def test_the_names_of_2002():
    security = pb.SecurityOptions()
    assert not security.isTypeAllowed('list') and not security.isModuleAllowed('math') \
        and not security.isClassAllowed(Third), 'nothing'
    security.allowBasicTypes()
    security.allowModules('math', sys)
    security.allowInstancesOf(Third)
    security.allowTypes('frog', Third)
    assert security.isTypeAllowed('list') and security.isTypeAllowed(b'frog') \
        and security.isTypeAllowed(qualified_name(Third)), 'types'
    assert security.isModuleAllowed('math') and security.isModuleAllowed(b'sys') \
        and security.isClassAllowed(Third), 'modules and classes'
    assert security.module_named(b'math') is math and security.class_named(
        qualified_name(Third)) is Third, 'are the objects'


def test_a_name_is_never_imported():
    with pytest.raises(LocalProtocolError):
        pb.SecurityOptions().allowModules('this_module_is_nowhere')
    for name in (b'os', b'', 5, [], b'math'):
        with pytest.raises(InsecureJelly):
            pb.SecurityOptions().module_named(name)


def test_registries_are_of_one_broker():
    """Two brokers of one process know different classes, and share what they want to."""
    shared = pb.Registry()
    shared.setUnjellyableForClass('x', First)
    one = Pair(near=dict(registry=shared))
    two = Pair(near=dict(registry=shared))
    one.client.registry.setUnjellyableForClass('y', Second)
    assert one.client.registry.class_for(b'y') is Second and two.client.registry.class_for(
        b'y') is None, 'its own'
    assert one.client.registry.class_for(b'x') is First and two.client.registry.class_for(
        b'x') is First, 'shared'
    assert shared.class_for(b'y') is None, 'and the other is as it was'


def test_a_tree_of_classes():
    registry = pb.Registry()
    registry.setUnjellyableForClassTree(sys.modules[__name__], First, 'pond')
    assert registry.class_for(b'pond.First') is First and registry.class_for(
        b'pond.Second') is Second, 'under a prefix'
    registry.setCopierForClassTree(sys.modules[__name__], First, '')
    assert registry.class_for(b'Second') is Second, 'without one'
    registry.setCopierForClassTree(sys.modules[__name__], First)
    assert registry.class_for(qualified_name(Second)) is Second, 'under the name of the module'
    assert registry.class_for(b'pond.Third') is None, 'no other class'


def test_only_what_can_stand_for_others():
    for thing in (Third, 5, len):
        with pytest.raises(LocalProtocolError):
            pb.Registry().setUnjellyableForClass('x', thing)


def test_names_become_native_attributes():
    assert native_name(b'a') == native_name(u'a') == 'a' and type(native_name(u'a')) is str, \
        'as attributes'
    for bad in (5, None, b'\xff' if str is not bytes else 5):
        with pytest.raises(InsecureJelly):
            native_name(bad)
    assert native_keys(None) == {}, 'no state'
    with pytest.raises(InsecureJelly):
        native_keys([1])
