# Copyright the carryall authors.  See LICENSE.
"""The text of doc/features.md: an index of the manifests, and the features with their states."""
import importlib

HEAD = '''# Features

Written by `admin/manifests` from the manifests; `admin/check catalogue` compares. A feature is
*done*, done in *part*, or *open*; the acceptance cases that show it stand behind it. Code, tests and
pages cite features by their IDs.
'''


README_HEAD = '| command | what it does |\n|---|---|\n'


def page(manifests):
    """The text; *manifests* as ``admin.catalogue.manifests.read`` gives them."""
    shown = _shown(manifests)
    parts = [HEAD]
    for _, manifest in sorted(manifests, key=lambda row: row[1].name):
        parts.append('## %s\n' % manifest.name)
        parts.append(_capital(manifest.summary) + '.\n')
        index = list(_index(manifest))
        if index:
            parts.append('\n'.join(index) + '\n')
        if manifest.features:
            parts.append('\n'.join(_line(entry, shown) for entry in
                                   sorted(manifest.features, key=lambda entry: entry.id)) + '\n')
    return '\n'.join(parts)


def readme(manifests, text):
    """The text of README.md with the rows of its table of commands.

    Rows of services come first, then those of programs, then those of the suite.
    """
    head, _, rest = text.partition(README_HEAD)
    rest = rest.partition('\n\n')[2]
    ordered = sorted(manifests, key=lambda row: (_rank(row), row[1].name))
    rows = ['| %s | %s |' % row for _, manifest in ordered for row in manifest.readme]
    return head + README_HEAD + '\n'.join(rows) + '\n\n' + rest


def _rank(row):
    module, manifest = row
    if manifest.types:
        return 0
    return 2 if module == 'carryall.commands.manifest' else 1


def _index(manifest):
    """Lines that lead to the page, the examples and the words of a manifest."""
    if manifest.types:
        yield '- served by ' + ', '.join('`carryall serve %s`' % entry.name
                                         for entry in manifest.types)
    if manifest.commands:
        yield _wrapped('- commands: ' + ', '.join('`%s`' % entry.word
                                                  for entry in manifest.commands))
    for name in manifest.pages:
        yield '- [conformance](conformance/%s.md)' % name
    if manifest.examples:
        yield _wrapped('- examples: ' + ', '.join('[%s](examples/%s)' % (each, each)
                                                  for each in manifest.examples))


def _line(entry, shown):
    """The line of a feature; it begins with the ID."""
    cases = ', '.join(shown.get(entry.id, ()))
    text = '- **%s** (%s) %s' % (entry.id, entry.state, entry.text)
    return _wrapped(text + (': ' + cases if cases else ''))


def _wrapped(text):
    """The text in lines of at most 100 columns; those behind the first are indented."""
    lines = ['']
    for word in text.split(' '):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > 100:
            lines.append(' ')
        lines[-1] += (' ' if lines[-1] else '') + word
    return '\n'.join(lines)


def _shown(manifests):
    """ID of a feature to the names of the cases that show it."""
    found = {}
    for _, manifest in manifests:
        for name in manifest.cases:
            case = importlib.import_module('acceptance.cases.' + name)
            for each in case.PROVES:
                found.setdefault(each, []).append(name.replace('_', '-'))
    return {each: sorted(names) for each, names in found.items()}


def _capital(text):
    return text[:1].upper() + text[1:]
