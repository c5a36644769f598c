# Copyright the carryall authors.  See LICENSE.
"""The source tree as the checks see it: which files there are, their text, their syntax trees."""
import ast
import collections
import io
import os
import re
import shutil
import subprocess
import tokenize

PRODUCT = ('carryall', 'core', 'runtimes', 'protocols', 'app', 'services', 'apps', 'commands')
PORTABLE = PRODUCT + ('tests',)                     # compiles on every runtime
PYTHON = PORTABLE + ('admin', 'bench', 'acceptance', 'dist')
WITH_EXAMPLES = PYTHON + ('doc',)

# A string that is the name of a module of ours, or of an attribute of one.
NAMES_A_MODULE = re.compile(r'carryall(?:\.[A-Za-z_]\w*)+(?::\w+)?$')

Finding = collections.namedtuple('Finding', 'path line message')


class Tree:
    """A checkout at *root*; paths are relative to it, with slashes."""

    def __init__(self, root):
        self.root = root
        self._texts = {}
        self._parsed = {}
        self._files = {}        # by folders: the Python files
        self._paths = None      # a set, once it is asked for

    def files(self, *tops):
        """The Python files below the folders *tops*, sorted."""
        if tops not in self._files:
            self._files[tops] = [path for path in self.everything() if path.endswith('.py')
                                 and path.partition('/')[0] in tops]
        return list(self._files[tops])

    def has(self, path):
        """True if it is a file of the project."""
        if self._paths is None:
            self._paths = set(self.everything())
        return path in self._paths

    def everything(self):
        """All files that belong to the project: what git has or would add; in an exported tree,
        all but build/."""
        if not hasattr(self, '_everything'):
            self._everything = self._from_git() if os.path.exists(self.full('.git')) \
                else self._from_disk()
        return self._everything

    def full(self, path):
        """The full name of *path*."""
        return os.path.join(self.root, *path.split('/'))

    def text(self, path):
        """The text of a file; bytes that are no UTF-8 become U+FFFD."""
        if path not in self._texts:
            with io.open(self.full(path), encoding='utf-8', errors='replace') as file:
                self._texts[path] = file.read()
        return self._texts[path]

    def parse(self, path):
        """The syntax tree of a file; an empty one if it has none (``parse_all`` reports that)."""
        if path not in self._parsed:
            try:
                self._parsed[path] = ast.parse(self.text(path), path)
            except SyntaxError:
                self._parsed[path] = ast.parse('')
        return self._parsed[path]

    def walk(self, *tops):
        """(path, node) for each node of each Python file below *tops*."""
        for path in self.files(*tops):
            for node in nodes(self.parse(path)):
                yield path, node

    def comments(self, path):
        """(line, text) of each comment of a Python file."""
        try:
            for token in tokenize.generate_tokens(io.StringIO(self.text(path)).readline):
                if token.type == tokenize.COMMENT:
                    yield token.start[0], token.string
        except (tokenize.TokenError, SyntaxError):
            return

    def _from_git(self):
        listed = subprocess.run(['git', 'ls-files', '-z', '--cached', '--others',
                                 '--exclude-standard'], cwd=self.root,
                                stdout=subprocess.PIPE, check=True).stdout.decode('utf-8').split(
                                    '\0')
        return sorted({path for path in listed if path and os.path.isfile(self.full(path))})

    def _from_disk(self):
        found = []
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if name not in ('build', '__pycache__', '.git')]
            found += [os.path.relpath(os.path.join(folder, name), self.root).replace(os.sep, '/')
                      for name in names]
        return sorted(found)


def nodes(parsed):
    """All nodes of a file, in the order of ``ast.walk``, without the contexts of names.

    They are kept in the node of the file: most checks look at each of them.
    """
    if not hasattr(parsed, 'all_nodes'):
        found = [parsed]
        for node in found:              # it grows meanwhile
            for name in node._fields:
                value = getattr(node, name, None)
                if isinstance(value, list):
                    found.extend([each for each in value if isinstance(each, ast.AST)])
                elif isinstance(value, ast.AST) and name != 'ctx':
                    found.append(value)
        parsed.all_nodes = found
    return parsed.all_nodes


def dotted(node):
    """``a.b.c`` for an expression that is such a name; '' for any other."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inside = dotted(node.value)
        return inside + '.' + node.attr if inside else ''
    return ''


def imported(node):
    """The modules that an import statement names, in full:
    ``from a import b`` names ``a`` and ``a.b``."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        module = '.' * node.level + (node.module or '')
        return [module] + [module + '.' + alias.name for alias in node.names]
    return []


def linked(tree, folder):
    """Makes *folder* again, with links like those of the installed package; its full path."""
    farm = tree.full(folder)
    shutil.rmtree(farm, ignore_errors=True)
    os.makedirs(os.path.join(farm, 'carryall'))
    for path in tree.files('carryall'):
        os.makedirs(os.path.dirname(os.path.join(farm, path)), exist_ok=True)
        os.symlink(tree.full(path), os.path.join(farm, path))
    for name in PRODUCT[1:]:
        os.symlink(tree.full(name), os.path.join(farm, 'carryall', name))
    return farm
