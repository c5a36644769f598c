# Copyright the carryall authors.  See LICENSE.
"""Which file belongs to which manifest, read from the text of the manifests: nothing is imported.

A file belongs to the manifest that names it or the nearest folder above it.  What no manifest names
belongs to the suite, whose manifest is commands/manifest.py.
"""
import ast
import posixpath

from admin.checks import classindex
from admin.checks.tree import NAMES_A_MODULE, imported, nodes

NAME = 'manifest.py'
TOPS = ('apps', 'commands', 'protocols', 'services')
SUITE = 'carryall'                  # the manifest of what belongs to no protocol


class Entry:
    """A manifest, as far as it can be read.

    Attributes:
        path:  of its file.
        name:  its name.
        needs: names of other manifests.
        files: paths of files and folders that belong to it.
        words: its name, and those of its types, schemes and proxies.
    """

    def __init__(self, path, values):
        self.path = path
        self.name = values.get('name', '')
        self.needs = tuple(values.get('needs', ()))
        self.words = {self.name} | {row[0] for part in ('types', 'schemes', 'proxies',
                                                   'databases')
                                    for row in values.get(part, ())}
        self.files = set(values.get('paths', ()))
        self.files |= {'doc/examples/' + each for each in values.get('examples', ())}
        self.files |= {'doc/conformance/%s.md' % each for each in values.get('pages', ())}
        self.files |= {'acceptance/cases/%s.py' % each for each in values.get('cases', ())}
        for module, targets in values.get('fuzz', ()):
            self.files.add(module.replace('.', '/') + '.py')
            self.files |= {'tests/fuzz/corpus/%s.txt' % each for each in targets}
        if self.name != SUITE:
            self.files.add(posixpath.dirname(path))
            rows = [row for part in ('types', 'commands', 'kinds') for row in values.get(part, ())]
            for row in rows:
                self.files.add(row[1].partition('.')[2].replace('.', '/') + '.py')


class Ownership:
    """The manifests of a tree, and whose each file is."""

    def __init__(self, tree):
        self.tree = tree
        paths = [path for path in tree.files(*TOPS) if posixpath.basename(path) == NAME]
        found = [Entry(path, _values(tree.parse(path))) for path in paths]
        self.entries = {entry.name: entry for entry in found if entry.name}
        self._owners = {path: entry.name for entry in found for path in entry.files}

    def owner(self, path):
        """The name of the manifest to which a file belongs."""
        while path:
            if path in self._owners:
                return self._owners[path]
            path = posixpath.dirname(path)
        return SUITE

    def needed(self, name):
        """The names that a manifest needs, and those that these need."""
        found = set()
        waiting = [name]
        while waiting:
            entry = self.entries.get(waiting.pop())
            for each in entry.needs if entry else ():
                if each not in found:
                    found.add(each)
                    waiting.append(each)
        return found

    def dependents(self, name):
        """The names of the manifests that need this one, itself too, sorted."""
        return sorted(each for each in self.entries
                      if each == name or name in self.needed(each))

    def files(self, names):
        """The files of these manifests that exist, sorted."""
        wanted = set(names)
        tops = {path for name in wanted for path in self.entries[name].files}
        return [path for path in self.tree.everything()
                if self.owner(path) in wanted and _below(path, tops)]

    def uses(self, path):
        """(name of another manifest, line, module) for each import of a file, and for each string
        that names a module."""
        index = classindex.index(self.tree)
        own = self.owner(path)
        for line, module in named_modules(self.tree.parse(path)):
            target = index.module_path(module)
            if target is not None:
                owner = self.owner(target)
                if owner not in (own, SUITE):
                    yield owner, line, module


def named_modules(parsed):
    """(line, dotted name) of each import, and of each string that names a module of ours."""
    for node in nodes(parsed):
        for module in imported(node):
            yield node.lineno, module
        if isinstance(node, ast.Constant) and isinstance(node.value, str) \
                and NAMES_A_MODULE.match(node.value):
            yield node.lineno, node.value.partition(':')[0]


def _below(path, tops):
    while path:
        if path in tops:
            return True
        path = posixpath.dirname(path)
    return False


def _values(parsed):
    """The keyword arguments of ``MANIFEST = Manifest(...)``; an entry is the list of its own."""
    for node in parsed.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) \
                and getattr(node.targets[0], 'id', '') == 'MANIFEST':
            return {each.arg: _plain(each.value) for each in node.value.keywords}
    return {}


def _plain(node):
    """The value of a literal; of a call the list of its positional arguments."""
    if isinstance(node, (ast.List, ast.Tuple)):
        return [_plain(each) for each in node.elts]
    if isinstance(node, ast.Call):
        return [_plain(each) for each in node.args]
    if isinstance(node, ast.Constant):
        return node.value
    return None
