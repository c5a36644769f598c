# Copyright the carryall authors.  See LICENSE.
"""Files, modules, tests and feature IDs that docstrings, comments and pages name are there.

A path begins with one of the top folders, a module with ``carryall.``; in a page a link may be
relative.  The change log may name what is gone, and the pages of conformance leave out ``tests/``.
Feature IDs are looked at once the page of features is there: each of its lines that begins with an
ID defines it.  A word is an ID if its letters are those of one that is defined.
"""
import ast
import posixpath
import re

from admin.checks import classindex, prose
from admin.checks.tree import WITH_EXAMPLES, Finding, nodes

FEATURES = 'doc/features.md'
PAST = ('CHANGELOG.md',)
CONFORMANCE = 'doc/conformance/'
BUILT = ('doc/man',)                # made by admin/manpages
TOPS = ('acceptance', 'admin', 'app', 'apps', 'bench', 'bin', 'carryall', 'commands', 'core',
        'dist', 'doc', 'findings', 'protocols', 'runtimes', 'services', 'tests')
PATH = re.compile(r'(?<![\w/.:~@$}>-])(?:\./)?((?:%s)/[\w./+@-]*)(?P<next>[*{<$%%(\[]?)' % '|'.join(
    TOPS))
MODULE = re.compile(r'(?<![\w/.\'-])carryall(?:\.\w+)+')
FILE = re.compile(r'``([\w-]+\.py)``|`([\w-]+\.py)`')
LINK = re.compile(r'\]\(([^)#\s]+)(?:#[^)\s]*)?\)')
ID = re.compile(r'(?<![\w-])[A-Z]{2,5}-\d{2}(?![\w-])')
DEFINES = re.compile(r'^[\s|*#`-]*(%s)' % ID.pattern)
# Words in capital letters stand for a name that the reader chooses.
CHOSEN = re.compile(r'(?<![A-Za-z])[A-Z]{2,}(?![a-z])|\bx\b|\.\.\.')
# carryall.jar is an artifact, not a module.
ARTIFACTS = ('carryall.1', 'carryall.deb', 'carryall.exe', 'carryall.jar', 'carryall.jsa',
             'carryall.pyz', 'carryall.sh', 'carryall.spec', 'carryall.types')
FORMER = 'carryall/formermodules.py'


def check(tree):
    """Looks at the prose of each Python file and at each page."""
    known = _Known(tree)
    for path in tree.everything():
        if path.endswith('.md') and path not in PAST:
            for index, line in enumerate(tree.text(path).split('\n')):
                words = LINK.sub(']', line)
                for message in known.wrong(words, 'tests/' if path.startswith(CONFORMANCE) else ''):
                    yield Finding(path, index + 1, message)
                for target in LINK.findall(line):
                    if '://' not in target and not target.startswith(('mailto:', '#')) \
                            and not known.link(path, target):
                        yield Finding(path, index + 1, 'the link %s leads nowhere' % target)
    for path in tree.files(*WITH_EXAMPLES):
        for each in prose.of(tree, path):
            if each.kind != 'text':
                for message in known.wrong(each.text):
                    yield Finding(path, each.line, message)


class _Known:
    """The names that the tree has."""

    def __init__(self, tree):
        self._tree = tree
        self._index = classindex.index(tree)
        self._paths = set(tree.everything())
        for path in tree.everything():
            while path:
                path = posixpath.dirname(path)
                self._paths.add(path)
        self._files = {posixpath.basename(path) for path in tree.everything()}
        self._tops = {path for path in self._paths if '/' not in path}
        text = tree.text(FEATURES) if FEATURES in self._paths else ''
        self._features = {each.group(1) for each in map(DEFINES.match, text.split('\n')) if each}
        self._letters = {each.partition('-')[0] for each in self._features}

    def wrong(self, text, folder=''):
        """A message for each name in a text that is not there;
        paths may be relative to *folder*."""
        for match in PATH.finditer(text):
            name = match.group(1).rstrip('.-')
            if not match.group('next') and not self._is_path(name) and not self._is_path(
                    folder + name):
                yield '%s does not exist' % name
        for name in MODULE.findall(text):
            if not self._is_module(name):
                yield '%s does not exist' % name
        for names in FILE.findall(text):
            if not self._files & set(names):
                yield 'no file is called %s' % (names[0] or names[1])
        for name in ID.findall(text):
            if name not in self._features and name.partition('-')[0] in self._letters:
                yield '%s is not defined in %s' % (name, FEATURES)

    def link(self, path, target):
        """If a relative link of a page leads to a file or folder."""
        return posixpath.normpath(posixpath.join(posixpath.dirname(path), target)) in self._paths

    def _is_path(self, name):
        plain = name.rstrip('/')
        if plain.partition('/')[0] not in self._tops or CHOSEN.search(plain):
            return True
        if plain in self._paths or plain + '.py' in self._paths or plain in BUILT:
            return True
        # An attribute of a module, or several folders with slashes between them.
        stem, _, attribute = plain.rpartition('.')
        if stem + '.py' in self._paths and attribute in self._names(stem + '.py'):
            return True
        return all(part in self._tops for part in plain.split('/'))

    def _is_module(self, name):
        if CHOSEN.search(name) or name in ARTIFACTS or name in self._former():
            return True
        parts = name.split('.')
        for length in range(len(parts), 0, -1):
            path = self._index.module_path('.'.join(parts[:length]))
            if path is not None:
                return length == len(parts) or parts[length] in self._names(path)
            if length > 1 and self._is_folder(parts[:length]):
                return length == len(parts)
        return False

    def _is_folder(self, parts):
        return '/'.join(parts) in self._paths or '/'.join(parts[1:]) in self._paths

    def _names(self, path):
        """The names that a module defines or imports at its top level."""
        names = set()
        for node in nodes(self._tree.parse(path)):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names |= {(alias.asname or alias.name).partition('.')[0] for alias in node.names}
            elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                names.add(node.name)
            elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                names.add(node.id)
        return names | {'__version__', '__path__', '__all__'}

    def _former(self):
        """The names by which moved modules can still be imported."""
        if FORMER not in self._paths:
            return ()
        return {node.value for node in nodes(self._tree.parse(FORMER))
                if isinstance(node, ast.Constant) and isinstance(node.value, str)}
