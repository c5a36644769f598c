# Copyright the carryall authors.  See LICENSE.
"""Which accounts a path is for, however it is spelled (WEB-13)."""
from __future__ import absolute_import, division, print_function

import pytest

from carryall.services.web.pathrules import ANYBODY, EVERY_ACCOUNT, PathRules

RULES = PathRules([(b'/staff', EVERY_ACCOUNT), (b'/staff/rota', frozenset([u'anna'])),
                   (u'/\u00dcber'.encode('utf-8'), EVERY_ACCOUNT)],
                  [b'/staff/open', b'/staff/rota/old'])


@pytest.mark.parametrize('path, expected', [
    (b'/', ANYBODY), (b'/a/staff', ANYBODY), (b'/staffer', ANYBODY), (b'/staff', EVERY_ACCOUNT),
    (b'/staff/', EVERY_ACCOUNT), (b'//staff', EVERY_ACCOUNT), (b'/STAFF/x', EVERY_ACCOUNT),
    (b'/%73taff', EVERY_ACCOUNT), (b'/a/../staff/x', EVERY_ACCOUNT),
    (b'/a/%2e%2e/staff', EVERY_ACCOUNT), (b'/./staff', EVERY_ACCOUNT), (b'/staff/../a', ANYBODY),
    (b'/staff/rota', frozenset([u'anna'])), (b'/staff/Rota/x/y/z', frozenset([u'anna'])),
    (b'/staff/open/x', ANYBODY), (b'/staff/Open', EVERY_ACCOUNT), (b'/staff/rota/old', ANYBODY),
    (b'/staff%2Frota', frozenset([u'anna'])), (b'/staff%5Crota', frozenset([u'anna'])),
    (b'/a%2F..%2Fstaff', EVERY_ACCOUNT), (b'/..', EVERY_ACCOUNT), (b'/%zz', EVERY_ACCOUNT),
    (b'/a%00', EVERY_ACCOUNT), (b'*', ANYBODY), (b'/%C3%BCBER/x', EVERY_ACCOUNT),
    (b'/a:b', ANYBODY)])
def test_the_deepest_rule_counts(path, expected):
    """The deepest counts; no other spelling of a path gets around one."""
    assert RULES.find(path) == expected, path


def test_a_rule_for_everything():
    """And one that is open for everybody."""
    everything = PathRules([(b'/', EVERY_ACCOUNT)])
    assert (everything.find(b'/') is everything.find(b'/%zz') is everything.find(b'*')
            is EVERY_ACCOUNT)
    rules = PathRules([(b'/', EVERY_ACCOUNT)], [b'/open'])
    assert rules.find(b'/open/x') is ANYBODY
    assert rules.find(b'/opened') is EVERY_ACCOUNT
    assert rules.find(b'/%zz') is EVERY_ACCOUNT
    assert PathRules([]).find(b'/%zz') is ANYBODY
