# Copyright the carryall authors.  See LICENSE.
"""Compile the files named on standard input; write a JSON list of (path, line,
message) for those that fail.

Runs on every interpreter that carryall runs on, started by ``parse_all``.
"""
from __future__ import absolute_import, division, print_function

import io
import json
import re
import sys
import warnings

CODING = re.compile(b'^[ \\t\\f]*#.*?coding[:=][ \\t]*[-\\w.]+')
ASCII = re.compile(b'^[\\x00-\\x7f]*$')


def complaint(path):
    """(line, message) if the file does not compile, else None."""
    with io.open(path, 'rb') as source:
        data = source.read()
    lines = data.split(b'\n')
    if sys.version_info < (3,) and not any(CODING.match(line) for line in lines[:2]):
        for index, line in enumerate(lines):
            if not ASCII.match(line):       # py2: compile() takes what an import refuses
                return index + 1, 'holds more than ASCII and has no coding line'
    try:
        compile(data, path, 'exec', 0, True)
    except (SyntaxError, ValueError, Warning, RuntimeError) as exc:
        return getattr(exc, 'lineno', None) or 1, '%s: %s' % (type(exc).__name__,
                                                              getattr(exc, 'msg', None) or exc)


def main():
    """Compiles all."""
    warnings.simplefilter('error')
    found = []
    for path in sys.stdin.read().split('\n'):
        wrong = complaint(path) if path else None
        if wrong:
            found.append((path,) + wrong)
    print(json.dumps(found))


main()
