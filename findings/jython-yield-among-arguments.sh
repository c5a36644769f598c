#!/bin/sh
# Copyright the carryall authors.  See LICENSE.
#
# Where the value of a yield may stand in an expression, on Jython.
#
# One would guess:  wherever an expression may (PEP 342), as on CPython.
# What is:          alone, under an operator, in a list, or as the first argument it works. Behind
#                   another argument, or deeper than one call, the generator fails when it gets
#                   there with java.lang.ArrayIndexOutOfBoundsException. On either side of a
#                   comparison the whole module cannot be loaded: java.lang.VerifyError. Both are
#                   Java's, and no "except Exception" sees them.
# Why it matters:   coroutines made of generators (Twisted's inlineCallbacks, Tornado's on 2.7) are
#                   full of "show(name, (yield ask()))" and "if (yield ask()) == 1". Such code
#                   passes its tests on CPython 2.7, and each line fails here when it is reached.
#                   The cure is a name: "value = yield ask()", then the call.
# Seen with:        Debian's jython 2.7.3+repack1-1, OpenJDK 17.0.15; CPython 3.11.7.  2026-12-01.
# Needs:            jython, python3.
set -eu
command -v jython > /dev/null || { echo 'install the Debian package jython first' >&2; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > try.py <<'PYTHON'
from __future__ import print_function

import sys

# An expression, and whether it works on Jython.
SHAPES = [
    ('yield 1', True), ('1 + (yield 1)', True), ('[0, (yield 1)]', True),
    ('"%r" % (yield 1)', True), ('same((yield 1))', True),
    ('same((yield 1), 0)', True), ('same(0, key=(yield 1))', True),
    ('same(0, (yield 1))', False), ('same((yield 1), (yield 2))', False),
    ('same(same((yield 1)))', False), ('same("%r" % (yield 1))', False),
    ('1 < (yield 1)', False), ('(yield 1) < 3', False),
]


def same(*values, **named):
    return values


def outcome(shape):
    names = {'same': same}
    try:
        exec('def ask():\n    value = %s\n    same(value)\n' % shape, names)
        generator = names['ask']()
        next(generator)
        try:
            generator.send(2)
            generator.send(2)
        except StopIteration:
            return 'works'
    except:                         # what Java raises is no exception of Python's
        return sys.exc_info()[0].__name__


as_before = True
for shape, works in SHAPES:
    got = outcome(shape)
    print('%-28s %s' % (shape, got))
    as_before = as_before and (got == 'works') == (works or 'java' not in sys.platform)
sys.exit(not as_before)
PYTHON
echo 'CPython:'
python3 try.py
echo 'Jython:'
jython try.py
