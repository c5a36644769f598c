# Copyright the carryall authors.  See LICENSE.
"""The target of the words service: names and their spellings on IRC."""
from __future__ import absolute_import, division, print_function

from carryall.services.words.chaterrors import WordsError
from carryall.services.words.chatnames import (channel_of, checked_group, checked_name, folded,
                                               group_of, name_of, nick_of)
from tests.fuzz.target import GrammarTarget

__all__ = ['ALL']

SEEDS = [[('say', each)] for each in (
    b'ann', b'Ann|20Lee', b'#tea|20room', u'\u8336\xe9'.encode('utf-8'), b'|ff', b'a:b', b'1up',
    b'-x', b'a  b', b'\xff\xfe')]
TOKENS = [b'|', b'|20', b'#', b' ', b':', b',', b'\x00', b'\xc3\xa9', b'\xe2\x80\xae', b'ff', b'-']


def _names(data):
    """A name that is taken has one spelling on IRC, which stands for it alone."""
    text = data.decode('utf-8', 'replace')
    found = []
    for check, spell, read in ((checked_name, nick_of, name_of),
                               (checked_group, channel_of, group_of)):
        try:
            name = check(text)
        except WordsError:
            found.append(None)
            continue
        assert read(spell(name)) == name
        assert folded(folded(name)) == folded(name)
        found.append(name)
    found.extend([name_of(data), group_of(data)])
    return found


ALL = [GrammarTarget('words-names', ('services/words/',), [_names], SEEDS, TOKENS)]
