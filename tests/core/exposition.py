# Copyright the carryall authors.  See LICENSE.
"""A strict reader of Prometheus' text format, version 0.0.4, for tests.

Source:   Prometheus, "Exposition formats": line by line, HELP and TYPE before the samples of a
          family, families whole.
"""
from __future__ import absolute_import, division, print_function

import re

SAMPLE = re.compile(r'([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)\Z')
PAIR = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\["\\n])*)"(,|\Z)')
NUMBER = re.compile(r'[+-]?(?:Inf|[0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)\Z|NaN\Z')
KINDS = ('counter', 'gauge', 'histogram')
SUFFIX = re.compile(r'_(bucket|sum|count)\Z')     # of the samples of a histogram
ESCAPES = {'\\n': '\n', '\\\\': '\\', '\\"': '"'}


def read(data):
    """{(name, ((label, value), ...)): number as text};
    ValueError for anything that the format does not allow."""
    text = data.decode('utf-8')
    if text and not text.endswith('\n'):
        raise ValueError('the last line has no end')
    samples = {}
    types = {}
    helped = set()
    current = None
    for line in text.split('\n')[:-1]:
        if line.startswith('# HELP '):
            name = line.split(' ', 3)[2]
            if name in helped or '\\' in re.sub(r'\\[\\n]', '', line):
                raise ValueError('HELP twice, or a wrong escape: %r' % line)
            helped.add(name)
            current = name
        elif line.startswith('# TYPE '):
            name, kind = line.split(' ')[2:]
            if name in types or name != current or kind not in KINDS:
                raise ValueError('TYPE twice, or without HELP, or of another kind: %r' % line)
            types[name] = kind
        else:
            name, labels, number = _sample(line)
            family = SUFFIX.sub('', name) if types.get(current) == 'histogram' else name
            if family != current or family not in types:
                raise ValueError('a sample outside of its family: %r' % line)
            if (name, labels) in samples:
                raise ValueError('a sample twice: %r' % line)
            if types[family] == 'counter' and not name.endswith('_total'):
                raise ValueError('a counter is called ..._total: %r' % line)
            samples[name, labels] = number
    return samples


def _sample(line):
    found = SAMPLE.match(line)
    if found is None or not NUMBER.match(found.group(3)):
        raise ValueError('no sample: %r' % line)
    name, written, number = found.groups()
    labels = []
    rest = written or ''
    while rest:
        pair = PAIR.match(rest)
        if pair is None:
            raise ValueError('wrong labels: %r' % line)
        value = re.sub(r'\\.', lambda match: ESCAPES[match.group()], pair.group(2))
        labels.append((pair.group(1), value))
        rest = rest[pair.end():]
    if len(set(label for label, _ in labels)) != len(labels):
        raise ValueError('a label twice: %r' % line)
    return name, tuple(labels), number
