# Copyright the carryall authors.  See LICENSE.
"""The tree of a tap: golden bytes both ways, sharing, and everything that must be refused."""
from __future__ import absolute_import, division, print_function

import binascii
import logging
import random
import struct

import pytest

from carryall.app import tapcodec
from carryall.core.compat import int2byte, int_types, range, text_type
from carryall.app.tapcodec import TapClass, TapClasses, TapError, decode, encode


class Box(object):
    """A registered class."""


CLASSES = TapClasses([TapClass('box', Box, ['left', 'right'])])

NAN_BITS = b'\x7f\xf8\0\0\0\0\0\0'

# (name, value, hex): each runtime's run of this table proves that they all write the same bytes.
GOLDEN = [
    ('none', None, '4e'),
    ('true', True, '54'),
    ('false', False, '46'),
    ('zero', 0, '690100'),
    ('one', 1, '690101'),
    ('minus-one', -1, '6901ff'),
    ('127', 127, '69017f'),
    ('128', 128, '69020080'),
    ('-128', -128, '690180'),
    ('-129', -129, '6902ff7f'),
    ('255', 255, '690200ff'),
    ('2**31-1', 2 ** 31 - 1, '69047fffffff'),
    ('2**31', 2 ** 31, '69050080000000'),
    ('-2**31', -2 ** 31, '690480000000'),
    ('2**63', 2 ** 63, '6909008000000000000000'),
    ('-2**64', -2 ** 64, '6909ff0000000000000000'),
    ('10**40', 10 ** 40, '69111d6329f1c35ca4bfabb9f5610000000000'),
    ('0.0', 0.0, '640000000000000000'),
    ('-0.0', -0.0, '648000000000000000'),
    ('0.1', 0.1, '643fb999999999999a'),
    ('inf', float('inf'), '647ff0000000000000'),
    ('-inf', float('-inf'), '64fff0000000000000'),
    ('least', 5e-324, '640000000000000001'),
    ('most', 1.7976931348623157e308, '647fefffffffffffff'),
    ('no-bytes', b'', '6200'),
    ('bytes', b'\x00a\xff', '62030061ff'),
    ('ascii-bytes', b'web', '6203776562'),
    ('no-text', u'', '7500'),
    ('ascii-text', u'web', '7503776562'),
    ('text', u'\xe9\u20ac', '7505c3a9e282ac'),
    ('beyond-bmp', u'\U0001f600', '7504f09f9880'),
    ('no-tuple', (), '7400'),
    ('tuple', (1, (None,)), '74026901017401' + '4e'),
    ('no-list', [], '6c00'),
    ('list', [1, [u'a']], '6c026901016c01750161'),
    ('no-dict', {}, '6d00'),
    ('dict', {u'b': 1, u'a': 2, 3: [], b'z': 4}, '6d04' + '62017a690104' + '690103' + '6c00'
     + '750161690102' + '750162690101'),
    ('no-set', set(), '7300'),
    ('set', set([3, 1, 2, u'x', (1, u'y')]), '7305' + '690101' + '690102' + '690103'
     + '7402690101750179' + '750178'),
    ('long', u'x' * 200, '75c801' + '78' * 200),
]


def hexed(data):
    """Hex digits as native text."""
    return binascii.hexlify(data).decode('ascii')


def same(left, right):
    """Equal, and of the same types all the way down, signs of zeros included."""
    if type(left) is float:
        return type(right) is float and struct.pack('>d', left) == struct.pack('>d', right)
    if type(left) is list or type(left) is tuple:
        return type(left) is type(right) and len(left) == len(right) and all(map(same, left, right))
    # 2.x has two types of integers
    number = isinstance(left, int_types) and not isinstance(left, bool)
    return left == right and (number or type(left) is type(right))


@pytest.mark.parametrize('value, digits', [row[1:] for row in GOLDEN],
                         ids=[row[0] for row in GOLDEN])
def test_a_value_has_its_golden_bytes(value, digits):
    """The value is written as these bytes, and these bytes are read as the value."""
    data = encode(value)
    assert hexed(data) == digits, hexed(data)
    back = decode(binascii.unhexlify(digits))
    assert same(value, back), repr(back)


def test_every_nan_is_one():
    """Bits of a NaN that hardly any runtime keeps are not kept."""
    for value in (float('nan'), -float('nan'), float('inf') - float('inf')):
        assert encode(value) == b'd' + NAN_BITS
    back = decode(b'd' + NAN_BITS)
    assert back != back, repr(back)


def test_any_integer_survives_in_the_fewest_bytes():
    """Any integer comes back, in as few bytes as it can."""
    source = random.Random(2026)
    for _ in range(300):
        number = source.getrandbits(source.randrange(1, 600)) - source.getrandbits(
            source.randrange(1, 600))
        data = encode(number)
        assert decode(data) == number, number
        size = len(data) - len(b'i') - 1
        assert -(1 << (8 * size - 1)) <= number < 1 << (8 * size - 1), (number, size)
        assert size == 1 or not -(1 << (8 * size - 9)) <= number < 1 << (8 * size - 9), \
            (number, size)


def test_random_floats_are_bit_exact():
    """All bits of a float that is a number are kept."""
    source = random.Random(7)
    for _ in range(300):
        bits = struct.pack('>Q', source.getrandbits(64))
        value = struct.unpack('>d', bits)[0]
        if value == value:
            assert encode(value) == b'd' + bits, hexed(bits)
            assert encode(decode(b'd' + bits)) == b'd' + bits, hexed(bits)


def test_text_and_bytes_differ():
    """A text stays text and bytes stay bytes, even on 2.x."""
    back = decode(encode([b'abc', u'abc']))
    assert type(back[0]) is bytes, type(back[0])
    assert type(back[1]) is text_type, type(back[1])


# -- sharing -----------------------------------------------------------------

def test_shared_parts_are_shared():
    """One list in two places comes back as one list; equal lists stay two."""
    part = [u'x']
    back = decode(encode([part, part, [u'x']]))
    assert hexed(encode([part, part, [u'x']])) == '6c03' + '6c01750178' + '7201' + '6c01750178'
    assert back[0] is back[1], 'it is not shared any more'
    assert back[0] is not back[2], 'it is shared now'


def test_equal_tuples_are_written_twice():
    """The runtimes differ in sharing equal tuples, so sharing never shows in a tap."""
    one = (1, u'a')
    assert encode([one, one]) == encode([one, (1, u'a'[:])])


def test_a_cycle_survives():
    """A thing within itself."""
    ring = [1]
    ring.append(ring)
    back = decode(encode(ring))
    assert back[1] is back
    assert encode(back) == encode(ring)
    table = {u'me': None}
    table[u'me'] = (table, [table])
    back = decode(encode(table))
    assert back[u'me'][0] is back and back[u'me'][1][0] is back
    assert encode(back) == encode(table)


def test_objects_of_registered_classes_survive():
    """Objects of registered classes, one of them within itself; names of fields are in order."""
    box = Box()
    box.left = [box, u'x']
    box.right = None
    box.right = box.left
    data = encode(box, CLASSES)
    assert hexed(data) == '6f03626f780102' + '046c656674' + '6c027200750178' + '057269676874' \
        + '7201'
    back = decode(data, CLASSES)
    assert type(back) is Box and back.left is back.right and back.left[0] is back, vars(back)
    assert encode(back, CLASSES) == data


def test_dict_order_does_not_show():
    """Entries are ordered by their bytes, however the dict was filled."""
    names = [u'n%d' % number for number in range(50)]
    forward = {}
    backward = {}
    for name in names:
        forward[name] = 1
    for name in reversed(names):
        backward[name] = 1
    assert encode(forward) == encode(backward)


# -- what cannot be written --------------------------------------------------

class Odd(object):
    """A class that is not registered."""


class Count(int):
    """A subclass of a plain class."""


UNWRITABLE = [
    ('object', Odd(), 'Odd'), ('class', Odd, 'type'), ('function', encode, 'function'),
    ('subclass', Count(1), 'Count'),
    ('frozenset', frozenset([1]), 'frozenset'), ('bytearray', bytearray(b'x'), 'bytearray'),
    ('complex', 1j, 'complex'),
    ('nan-key', {float('nan'): 1}, 'NaN'), ('nan-in-tuple', set([(float('nan'),)]), 'NaN'),
    ('object-key', {Odd(): 1}, 'Odd'), ('within', [[{u'a': (Odd(),)}]], 'Odd'),
    ('large', 1 << (8 * tapcodec.MAX_INTEGER), 'integer'),
]


@pytest.mark.parametrize('value, word', [row[1:] for row in UNWRITABLE],
                         ids=[row[0] for row in UNWRITABLE])
def test_an_unwritable_value_is_refused_by_name(value, word):
    """A value that a tap cannot hold is refused by name."""
    with pytest.raises(TapError) as caught:
        encode(value, CLASSES)
    assert word in caught.value.message, caught.value.message


def test_keys_that_python_2_takes_for_equal():
    """b'a' and u'a' are one key on 2.x, so no dict may have both; on 2.x none can."""
    table = {b'a': 1, u'a': 2}
    if len(table) == 1:
        assert encode(table) in (b'm\1b\1ai\1\2', b'm\1u\1ai\1\2')
    else:
        with pytest.raises(TapError):
            encode(table)
        with pytest.raises(TapError):
            encode(set([(b'\xe9', 1), (u'\xe9', 1)]))


def test_half_a_surrogate_pair():
    """A text that no UTF-8 can hold is refused where a runtime lets it exist."""
    try:
        text = decode_escape(b'a\\ud800b')
    except (UnicodeError, ValueError):      # jython: there is no such text
        return
    with pytest.raises(TapError) as caught:
        encode(text)
    assert 'surrogate' in caught.value.message, caught.value.message


def decode_escape(data):
    """Text from an escaped form, so that this file holds no half pair itself."""
    return data.decode('unicode-escape')


def nested(levels):
    """A list in a list ..., that many lists."""
    value = []
    for _ in range(levels - 1):
        value = [value]
    return value


def test_depth_is_limited_in_both_directions():
    """The deepest that is allowed, and one more, both ways."""
    deepest = nested(tapcodec.MAX_DEPTH + 1)
    data = encode(deepest)
    assert decode(data) == deepest
    with pytest.raises(TapError) as caught:
        encode([deepest])
    assert 'deep' in caught.value.message
    for head, tag in ((b'', b'l\1'), (b'', b't\1'), (b'', b'm\1N'), (b'', b'o\3box\1\1\4left'),
                      (b's\1', b't\1'),
                      (b'm\1', b't\1')):
        with pytest.raises(TapError) as caught:
            decode(head + tag * 100000, CLASSES)
        assert 'deep' in caught.value.message, caught.value.message


def test_the_count_of_values_is_limited(monkeypatch):
    """One value more than is allowed, both ways."""
    monkeypatch.setattr(tapcodec, 'MAX_VALUES', 11)
    data = encode([None] * 10)
    with pytest.raises(TapError):
        encode([None] * 11)
    assert decode(data) == [None] * 10
    with pytest.raises(TapError):
        decode(b'l\x0b' + b'N' * 11)


def test_tuples_that_would_explode(monkeypatch):
    """Tuples are written wherever they stand; what that would cost is bounded."""
    monkeypatch.setattr(tapcodec, 'MAX_VALUES', 1000)
    bomb = ()
    for _ in range(60):
        bomb = (bomb, bomb)
    with pytest.raises(TapError) as caught:
        encode(bomb)
    assert 'values' in caught.value.message, caught.value.message


def test_the_count_of_entries_is_limited():
    """One entry more than is allowed, both ways."""
    most = set(range(tapcodec.MAX_ENTRIES))
    data = encode(most)
    assert len(decode(data)) == tapcodec.MAX_ENTRIES
    with pytest.raises(TapError):
        encode(set(range(tapcodec.MAX_ENTRIES + 1)))
    with pytest.raises(TapError) as caught:
        decode(b's' + tapcodec.format_number(tapcodec.MAX_ENTRIES + 1) + b'N'
               * (tapcodec.MAX_ENTRIES + 1))
    assert 'entries' in caught.value.message, caught.value.message


# -- what cannot be read -----------------------------------------------------

REFUSED = [
    ('empty', b''), ('unknown-tag', b'x'), ('two-values', b'NN'), ('junk', b'N\0'),
    ('empty-integer', b'i\0'), ('long-zero', b'i\2\0\0'), ('long-minus-one', b'i\2\xff\xff'),
    ('long-127', b'i\2\0\x7f'),
    ('other-nan', b'd\x7f\xf8\0\0\0\0\0\1'), ('negative-nan', b'd\xff\xf8\0\0\0\0\0\0'),
    ('long-size', b'b\x80\0'), ('long-size-1', b'b\x81\0x'),
    ('huge-size', b'b\xff\xff\xff\xff\x7fx'),
    ('endless-size', b'b\xff\xff\xff\xff\xff\xff\xff'),
    ('huge-count', b'l\xff\xff\xff\x7f' + b'N' * 10),
    ('huge-integer', b'i\x81\x80\x04' + b'\1' * 70000),
    ('utf8-stray', b'u\1\xff'), ('utf8-cut', b'u\1\xc3'), ('utf8-overlong', b'u\2\xc0\x80'),
    ('utf8-overlong-3', b'u\3\xe0\x80\xaf'), ('utf8-surrogate', b'u\3\xed\xa0\x80'),
    ('utf8-pair', b'u\6\xed\xa0\xbd\xed\xb8\x80'), ('utf8-too-far', b'u\4\xf4\x90\x80\x80'),
    ('reference-to-nothing', b'r\0'), ('reference-ahead', b'l\2r\1l\0'),
    ('reference-key', b'l\1m\1r\0N'),
    ('list-key', b'm\1l\0N'), ('nan-key', b'm\1d' + NAN_BITS + b'N'),
    ('unsorted', b'm\2u\1bNu\1aN'), ('twice', b'm\2u\1aNu\1aN'), ('twice-in-set', b's\2NN'),
    ('alike', b'm\2b\1aNu\1aN'), ('alike-in-tuples', b's\2t\1b\1at\1u\1a'),
    ('one-and-true', b'm\2Ti\1\0Ni\1\1N'), ('true-and-one', b's\2Ti\1\1'),
    ('one-and-1.0', b's\2d\x3f\xf0\0\0\0\0\0\0i\1\1'),
    ('zeros', b's\2d\0\0\0\0\0\0\0\0d\x80\0\0\0\0\0\0\0'),
    ('unknown-class', b'o\3Box\1\0'), ('no-class-name', b'o\0\1\0'),
    ('module-path', b'o\x09os.system\1\0'),
    ('odd-name', b'o\4../x\1\0'), ('version-0', b'o\3box\0\2\4leftN\5rightN'),
    ('missing-field', b'o\3box\1\1\4leftN'), ('extra-field', b'o\3box\1\3\4leftN\5rightN\1xN'),
    ('unsorted-fields', b'o\3box\1\2\5rightN\4leftN'),
    ('field-twice', b'o\3box\1\3\4leftN\4leftN\5rightN'),
    ('private-field', b'o\3box\1\3\x09__class__N\4leftN\5rightN'),
    ('long-name', b'o\xc8\1' + b'a' * 200 + b'\1\0'),
    ('pickle', b'\x80\x02c__builtin__\neval\nq\x00.'),
    ('text-pickle', b"cos\nsystem\n(S'true'\ntR."),
]


@pytest.mark.parametrize('data', [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_foreign_bytes_are_refused_with_a_tap_error(data):
    """Bytes that `encode` never writes are refused, each with a TapError and nothing else."""
    with pytest.raises(TapError) as caught:
        decode(data, CLASSES)
    assert caught.value.message


def test_every_truncation_is_refused():
    """A tree that is cut anywhere is no tree."""
    box = Box()
    box.left = {u'a': [1, 2.5, b'x', (u'\xe9', set([1]))], 3: box}
    box.right = 1 << 70
    data = encode(box, CLASSES)
    for size in range(len(data)):
        with pytest.raises(TapError):
            decode(data[:size], CLASSES)


def test_garbage_never_raises_anything_else():
    """Random changes give a TapError or a tree that is written back as the same bytes."""
    source = random.Random(11)
    box = Box()
    box.left = {u'a': [1, 2.5, b'x', (u'\xe9', set([1, 2]))], 3: box, u'k': {}}
    box.right = [u'abc', -5]
    good = encode(box, CLASSES)
    for _ in range(3000):
        data = good
        for _ in range(source.randrange(1, 4)):
            place = source.randrange(len(data))
            data = data[:place] + int2byte(source.randrange(256)) \
                + data[place + source.randrange(2):]
        try:
            value = decode(data, CLASSES)
        except TapError:
            continue
        assert encode(value, CLASSES) == data, hexed(data)


def test_nothing_of_the_class_runs_on_load():
    """Neither __init__ nor __setstate__ nor __reduce__ of a registered class is called."""
    class Trap(object):
        def __init__(self):
            raise AssertionError('__init__ ran')

        def __setstate__(self, state):
            raise AssertionError('__setstate__ ran')

        def __reduce__(self):
            raise AssertionError('__reduce__ ran')

    trap = Trap.__new__(Trap)
    trap.part = 5
    classes = TapClasses([TapClass('trap', Trap, ['part'])])
    assert decode(encode(trap, classes), classes).part == 5


# -- versions ----------------------------------------------------------------

def make_old(version, **state):
    """The bytes of a box of another version."""
    old = TapClasses([TapClass('box', Box, list(state), version)])
    box = Box()
    for name, value in state.items():
        setattr(box, name, value)
    return encode(box, old)


def from_one(state):
    """Version 2 called `a` left."""
    return {'left': state['a'], 'deep': 0}


def from_two(state):
    """Version 3 has `right` instead of `deep`."""
    return {'left': state['left'], 'right': state['deep'] + 1}


NEWEST = TapClasses([TapClass('box', Box, ['left', 'right'], 3, {1: from_one, 2: from_two})])


def test_older_is_upgraded_and_logged(caplog):
    """Each version is turned into the next, and the log says so."""
    caplog.set_level(logging.INFO)
    box = decode(make_old(1, a=u'x'), NEWEST)
    assert (box.left, box.right) == (u'x', 1), vars(box)
    assert [record.getMessage() for record in caplog.records] == ['upgraded "box" from version 1 '
                                                                  'to version 3']
    box = decode(make_old(2, left=u'y', deep=5), NEWEST)
    assert (box.left, box.right) == (u'y', 6), vars(box)


def test_newer_is_refused():
    """A tap from the future says so."""
    with pytest.raises(TapError) as caught:
        decode(make_old(4, left=1, right=2, more=3), NEWEST)
    assert caught.value.message == (u'the tap comes from a newer carryall: it holds version 4 of '
                                    u'"box", and this one knows'
                                    u' version 3')


def test_too_old_is_refused():
    """A version that nothing upgrades says so."""
    classes = TapClasses([TapClass('box', Box, ['left', 'right'], 3, {2: from_two})])
    with pytest.raises(TapError) as caught:
        decode(make_old(1, a=1), classes)
    assert 'too old' in caught.value.message


def test_upgrades_see_the_whole_tree():
    """A cycle is closed before any upgrade runs."""
    seen = []

    def upgrade(state):
        seen.append(list(state['a']))
        return {'left': state['a'], 'deep': 0}

    classes = TapClasses([TapClass('box', Box, ['left', 'right'], 3, {1: upgrade, 2: from_two})])
    box = Box()
    box.a = [box, 1, 2]
    back = decode(encode(box, TapClasses([TapClass('box', Box, ['a'])])), classes)
    assert len(seen) == 1 and len(seen[0]) == 3 and back.left[0] is back
