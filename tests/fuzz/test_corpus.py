# Copyright the carryall authors.  See LICENSE.
"""Every script that the fuzzer began from or has kept, played whole and in pieces:
nothing escapes, nothing is left."""
from __future__ import absolute_import, division, print_function

import os

import pytest

from tests.fuzz import script
from tests.fuzz.targets import FAMILIES, TARGETS

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'corpus')
MAX_CORPUS = 200 << 10      # octets of all files together: people read it, and every run plays it


@pytest.mark.limit(120)
@pytest.mark.parametrize('name', sorted(TARGETS))
def test_no_exception_escapes_from_the_corpus(name, expect_log):
    # Warnings about a peer are right; errors are faults, and runs.py sees them.
    expect_log('', required=False)
    target = TARGETS[name]
    path = os.path.join(CORPUS, name + '.txt')
    kept = script.load(path) if os.path.exists(path) else []
    for number, one in enumerate(target.seeds + kept):
        try:
            target.check(one)
        except AssertionError as exc:
            pytest.fail('script %d of %s:\n%s%s' % (number + 1, name, script.text_of(one), exc))


def test_each_belongs_to_a_protocol():
    assert sorted(name for names in FAMILIES.values() for name in names) == sorted(TARGETS)
    assert {name[:-len('.txt')] for name in os.listdir(CORPUS)} <= set(TARGETS)
    assert sum(os.path.getsize(os.path.join(CORPUS, name)) for name in os.listdir(CORPUS)) \
        < MAX_CORPUS


def test_scripts_are_written_down_and_read_again():
    everything = [('say', bytes(bytearray(range(256))) + b'  '), ('far', b'\\x20 \r\n'),
                  ('join', 0), ('wait', 70), ('eof', None), ('say', b'')]
    assert script.parse(script.text_of(everything) + u'\n# a remark\n\nclog\n') \
        == [everything, [('clog', None)]]
    with pytest.raises(ValueError):
        script.parse(u'shout x\n')
