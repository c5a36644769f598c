# Copyright the carryall authors.  See LICENSE.
"""The text of commands/catalogue.py: the tables that programs need, taken from the manifests."""

WIDTH = 100
HEAD = '''# Copyright the carryall authors.  See LICENSE.
"""The catalogue: every manifest, type of service, command and fixture, as static tables.

Written by ``admin/manifests`` from the manifests; ``admin/check catalogue`` compares.  A program
reads these tables and no manifest: a manifest imports the whole package that it describes.

Tests:    tests/house/test_manifests.py
"""
from __future__ import absolute_import, division, print_function

from carryall.app.servicetypes import Registry

__all__ = ['COMMANDS', 'FIXTURES', 'FORMER', 'KINDS', 'MANIFESTS', 'MISSING', 'SCHEMES', 'STORES',
           'TYPES', 'URLS', 'USAGES', 'known_types']


def known_types():
    # type: () -> Registry
    """A registry of the types below, and of those that plug-ins add."""
    return Registry(TYPES, former=FORMER, missing=MISSING)


'''


def catalogue(manifests):
    """The text of the module; *manifests* as ``admin.catalogue.manifests.read`` gives them."""
    types = [entry for _, manifest in manifests for entry in manifest.types]
    commands = [entry for _, manifest in manifests for entry in manifest.commands]
    schemes = [entry for _, manifest in manifests for entry in manifest.schemes]
    fixtures = [entry for _, manifest in manifests for entry in manifest.fixtures]
    kinds = [entry for _, manifest in manifests for entry in manifest.kinds]
    usages = [(entry.word + (' ' + usage.verb if usage.verb else ''), entry.module, usage.schema,
               usage.summary, usage.trailer, usage.extra)
              for entry in commands for usage in entry.usages]
    parts = [
        HEAD,
        table('MANIFESTS', 'dotted names', [module for module, _ in manifests]),
        table('TYPES', 'name, module, summary',
               sorted((entry.name, entry.module, entry.summary) for entry in types)),
        table('FORMER', 'another name that people look for, the type that does its work',
               sorted((name, entry.name) for entry in types for name in entry.former)),
        table('MISSING', 'names in Twisted 0.19 or 1.2 that no type has yet',
              sorted(name for _, manifest in manifests for name in manifest.missing)),
        table('COMMANDS', 'word, module, function, summary',
               sorted((entry.word, entry.module, entry.function, entry.summary)
                      for entry in commands)),
        table('USAGES', 'word and verb, module, its schema, summary and trailer, further words',
               sorted(usages)),
        table('SCHEMES', 'scheme of a URL, module, function that fetches it',
               sorted((entry.name, entry.module, entry.function) for entry in schemes)),
        table('STORES', 'name of the tables of a service, module that has them',
              sorted((entry.name, entry.module)
                     for _, manifest in manifests for entry in manifest.stores)),
        table('URLS', 'name of a listener, scheme of its URL in clear and with TLS, path',
              sorted((entry.listener, entry.scheme, entry.secure, entry.path)
                     for _, manifest in manifests for entry in manifest.urls)),
        table('FIXTURES', 'name, class of the object, type of service, help',
               [(entry.name, entry.served, entry.type, entry.help) for entry in fixtures]),
        table('KINDS', 'kind of server for tests, module that makes it',
              sorted((entry.name, entry.module) for entry in kinds)),
    ]
    return parts[0] + '\n'.join(parts[1:])


def table(name, columns, rows):
    """A tuple of rows, one below the other."""
    lines = ['# ' + columns, name + ' = (']
    for row in rows:
        lines += _row(row if isinstance(row, tuple) else (row,), isinstance(row, tuple))
    return '\n'.join(lines + [')', ''])


def _row(values, is_tuple):
    """The lines of one row, none longer than WIDTH."""
    line = '    ' + ('(' if is_tuple else '')
    lines = []
    ending = '),' if is_tuple else ','
    for index, value in enumerate(values):
        words = _literals(value)
        words[-1] += ending if index == len(values) - 1 else ','
        for word in words:
            if len(line) + 1 + len(word) > WIDTH:
                lines.append(line.rstrip())
                line = '     ' + word
            else:
                line += word if line.endswith(('(', '    ')) else ' ' + word
    return lines + [line]


def _literals(value):
    """The value as one literal, or as several if a text is too long for a line."""
    literal = repr(value)
    if len(literal) + 7 <= WIDTH or not isinstance(value, str):
        return [literal]
    cut = value.rindex(' ', 0, WIDTH - 10) + 1
    return [repr(value[:cut])] + _literals(value[cut:])
