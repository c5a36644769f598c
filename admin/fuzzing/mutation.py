# Copyright the carryall authors.  See LICENSE.
"""Changing scripts by chance."""
import re

MAX_SCRIPT = 20000          # octets in one; longer ones are cut, for they find little and take long
MAX_EVENTS = 60
NUMBERS = [b'0', b'1', b'-1', b'00', b'+1', b'127', b'128', b'255', b'256', b'999', b'65535',
           b'65536', b'2147483648', b'4294967296', b'9223372036854775807', b'9223372036854775808',
           b'1' + b'0' * 30, b'1_0', b'\xb2', b'1e9', b' 1', b'1.5']
OCTETS = [b'\0', b'\r', b'\n', b'\r\n', b'\xff', b' ', b'\t', b'"', b'\\', b'%', b'=', b'<', b'>',
          b'@', b':', b'.', b'/', b'\x7f', b'\x80', b'\xc3\xa9', b'\xed\xa0\x80']
WAITS = [0, 1, 5, 31, 70, 130, 305, 700, 1900, 8000]
EVENTS = ['eof', 'far-eof', 'lose', 'far-lose', 'clog', 'unclog']
DIGITS = re.compile(rb'[0-9]+')


def mutated(script, others, words, dice):
    """Another script, made of this one and perhaps of one of *others*."""
    script = [list(event) for event in script]
    for _ in range(dice.choice((1, 1, 1, 2, 2, 3, 5, 8))):
        if not script or dice.random() < 0.3:
            script = _structure(script, others, words, dice)
        else:
            event = dice.choice(script)
            if event[0] in ('say', 'far'):
                event[1] = _octets(event[1], words, dice)
            elif event[0] == 'wait':
                event[1] = dice.choice(WAITS)
            elif event[0] == 'join':
                event[1] = dice.choice((0, 0, 80, 50000, 51201))
    return _bounded([tuple(event) for event in script])


def _structure(script, others, words, dice):
    """Events added, removed, moved, taken from another script."""
    at = dice.randrange(len(script) + 1)
    what = dice.randrange(7)
    if what == 0 and script:
        del script[at:at + dice.choice((1, 1, 2, 5))]
    elif what == 1 and script:
        script[at:at] = [list(event) for event in script[at:at + dice.choice((1, 2, 5))]]
    elif what == 2:
        other = dice.choice(others)
        begin = dice.randrange(len(other) + 1)
        script[at:] = [list(event) for event in other[begin:]]
    elif what == 3:
        script.insert(at, [dice.choice(EVENTS), None])
    elif what == 4:
        script.insert(at, dice.choice(
            (['wait', dice.choice(WAITS)], ['join', 0], ['far', b'some octets\r\n'])))
    elif what == 5:
        said = b''.join(dice.choice(words) + dice.choice((b'', b' x', b'\r\n'))
                        for _ in range(dice.choice((1, 2, 4))))
        script.insert(at, ['say', said + dice.choice((b'', b'\r\n', b'\r\n', b'\r\n'))])
    else:
        other = dice.choice(others)
        if other:
            script.insert(at, list(dice.choice(other)))
    return script


def _octets(data, words, dice):
    """Other octets than *data*."""
    what = dice.randrange(11)
    at = dice.randrange(len(data) + 1)
    end = min(len(data), at + dice.choice((1, 1, 2, 4, 16, 100)))
    if what == 0 and data:
        at = dice.randrange(len(data))
        return data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1:]
    if what == 1:
        return data[:at] + data[end:]
    if what == 2:
        return data[:at] + dice.choice(words) + data[at:]
    if what == 3:
        return data[:at] + dice.choice(words) + data[end:]
    if what == 4:
        return data[:at] + dice.choice(OCTETS) + data[at:]
    if what == 5:
        return data[:at] + data[at:end] * dice.choice((2, 3, 10)) + data[end:]
    if what == 6 and data:
        return data[:at] + data[at:at + 1] * dice.choice((70, 260, 600, 1100, 2100, 9000)) \
            + data[at:]
    if what == 7:
        found = list(DIGITS.finditer(data))
        if found:
            one = dice.choice(found)
            return data[:one.start()] + dice.choice(NUMBERS) + data[one.end():]
    if what == 8:
        return data[:at]
    if what == 9:
        rows = data.split(b'\r\n')
        row = dice.choice(rows)
        rows.insert(dice.randrange(len(rows)), row)
        return b'\r\n'.join(rows)
    return data[:at] + bytes(dice.randrange(256) for _ in range(dice.choice((1, 2, 4)))) \
        + data[end:]


def _bounded(script):
    """No more than is worth the time."""
    left = MAX_SCRIPT
    kept = []
    for kind, what in script[:MAX_EVENTS]:
        if kind in ('say', 'far'):
            what = what[:left]
            left -= len(what)
        kept.append((kind, what))
    return kept
