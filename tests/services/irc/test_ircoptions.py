# Copyright the carryall authors.  See LICENSE.
"""Kinds of the options of the IRC service."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.core.errors import UsageError
from carryall.protocols.irc import Settings
from carryall.services.irc.ircoptions import classes_of, gateways_of, operators_of
from carryall.services.irc.service import TYPE


@pytest.mark.parametrize('words', [
    ['--oper', 'ann=admin'], ['--user', 'ann=x', '--oper', 'ann=king'], ['--webirc', 'x=y'],
    ['--connection-class', 'office=burst=1'], ['--connection-class', 'office'],
    ['--connection-class', 'office=10.0.0.0/8,speed=1'],
    ['--connection-class', 'office=10.0.0.0/8,burst=0'], ['--sts-port', '0x1'],
    ['--cloak-secret', 'short']])
def test_a_wrong_option_is_an_error(words):
    with pytest.raises(UsageError):
        TYPE.options.parse(words)


def test_a_class_has_the_settings_that_it_names():
    made = classes_of([(u'office', u'10.0.0.0/8,fd00::/8,burst=100,ping=60,connections=5')],
                      Settings(rate=7.0))
    kind = made.rows[0]
    assert (kind.settings.burst, kind.settings.rate, kind.settings.ping_seconds, kind.most) == (
        100, 7.0, 60, 5)


def test_there_are_no_classes_unless_given():
    assert classes_of([], Settings()) is None


def test_operators_have_their_class():
    assert b'die' in operators_of([(u'ann', u'admin')])[b'ann'].privileges


def test_gateways_have_their_password():
    assert gateways_of([(u'10.0.0.5', u'secret')])[0].password == b'secret'
