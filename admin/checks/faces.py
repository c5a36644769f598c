# Copyright the carryall authors.  See LICENSE.
"""Each package of protocols/ has the face that design.md describes,
and callers import from the face.

The face is what ``__all__`` of the package names: ``XServer(service, clock, settings)``,
``Settings``, ``XError``, and ``connect`` (or ``fetch`` for a client of one command).  The table of
all faces in doc/design.md is the one that ``table`` makes.
"""
import ast
import re

from admin.checks import classindex
from admin.checks.tree import Finding, imported, nodes

PARTS = ('server', 'client', 'settings', 'error')
SHAPE = ['service', 'clock', 'settings']
CALLERS = ('app', 'services', 'apps', 'commands', 'carryall', 'bench', 'doc')
PAGE = 'doc/design.md'
BEGIN = '| package | server | client | settings | error | classes between | modules |'

# (package, part) -> what it has instead.
INSTEAD = {
    ('cgi', 'server'): '`Exchange` of one request', ('cgi', 'client'): '`ProgramAnswer`',
    ('dns', 'server'): 'none yet', ('dns', 'client'): '`ask`',
    ('pb', 'server'): '`Broker`, for both sides',
    ('postgresql', 'server'): 'none',
    ('portforward', 'client'): 'none', ('portforward', 'error'): 'none',
    ('simple', 'server'): 'one in each module', ('simple', 'client'): 'one in each module',
    ('http', 'client'): '`http.client.HTTPClient`',
}


class Face:
    """The face of one package of protocols/.

    Attributes:
        name:  of the package.
        parts: part -> its name, or what the package has instead; None for a part that is missing.
        shape: the names of the server's first parameters; None without a server.
        between: classes of ours between the server and the root.
        modules: how many the package has.
    """

    def __init__(self, tree, found, name):
        path = 'protocols/%s/__init__.py' % name
        names = _exported(tree.parse(path))
        self.name = name
        self.path = path
        self.shape = None
        self.between = None
        self.modules = len([each for each in tree.files('protocols')
                            if each.startswith('protocols/%s/' % name)
                            and not each.endswith('/__init__.py')])
        servers = [each for each in names if each.endswith('Server')]
        clients = [each for each in ('connect', 'fetch') if each in names]
        errors = [each for each in names if each.endswith('Error') and each != 'Error']
        self.parts = {'server': _first(servers), 'client': _first(clients),
                      'settings': _first([each for each in names if each == 'Settings']),
                      'error': _first(errors)}
        for part in PARTS:
            if self.parts[part] is None:
                self.parts[part] = INSTEAD.get((name, part))
        if servers:
            self._measure(found, path, servers[0])

    def _measure(self, found, path, server):
        each = found.find(path, server)
        if each is None:
            return
        self.between = max(0, len(found.ancestors(each)) - 1)
        for one in [each] + found.ancestors(each):
            for node, _ in one.methods():
                if node.name == '__init__':
                    self.shape = [arg.arg for arg in node.args.args[1:4]]
                    return

    def row(self):
        """Its line of the table."""
        cells = ['`%s`' % self.name] + [self.parts[part] or 'missing' for part in PARTS]
        cells += ['-' if self.between is None else str(self.between), str(self.modules)]
        return '| %s |' % ' | '.join(cells)


def _exported(parsed):
    for node in parsed.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], 'id', '') == '__all__':
            return ast.literal_eval(node.value)
    return []


def _first(names):
    return '`%s`' % names[0] if names else None


def faces(tree):
    """The Face of each package, by name."""
    found = classindex.index(tree)
    names = sorted({path.split('/')[1] for path in tree.files('protocols')
                    if path.count('/') > 1})
    return [Face(tree, found, name) for name in names
            if 'protocols/%s/__init__.py' % name in tree.files('protocols')]


def table(tree):
    """The lines of the table in doc/design.md."""
    return [BEGIN, '|---|---|---|---|---|---|---|'] + [each.row() for each in faces(tree)]


def page(tree):
    """The text of doc/design.md with the table of the code in the place of its own."""
    text = tree.text(PAGE)
    start = text.index(BEGIN)
    end = start
    while text.startswith('|', end):
        end = text.index('\n', end) + 1
    return '%s%s\n%s' % (text[:start], '\n'.join(table(tree)), text[end:])


def check(tree):
    """Looks at each face, at imports past it, and at the table."""
    for each in faces(tree):
        for part in PARTS:
            if each.parts[part] is None:
                yield Finding(each.path, 1, 'the face of %s has no %s' % (each.name, part))
        if each.shape is not None and each.shape != SHAPE:
            yield Finding(each.path, 1, '%s takes (%s), not (%s)'
                          % (each.parts['server'], ', '.join(each.shape), ', '.join(SHAPE)))
    for path in tree.files(*CALLERS):
        for node in nodes(tree.parse(path)):
            inside = _inside(node)
            if inside and not path.endswith('manifest.py'):
                yield Finding(path, node.lineno, 'import from the face, not from %s' % inside)
    if tree.has(PAGE):
        text = tree.text(PAGE)
        if '\n'.join(table(tree)) not in text:
            line = text[:max(0, text.find(BEGIN))].count('\n') + 1
            yield Finding(PAGE, line, 'the table of faces is not the one of the code; '
                                      'admin/manifests writes it')


FACE = re.compile(r'carryall\.protocols\.(\w+)\.(\w+)')
SUBPACKAGES = ('http.client', 'http.server', 'http.fields', 'http.message', 'http.auth',
               'http.forms')


def _inside(node):
    """The module inside a package that an import statement reaches for; None for a face."""
    if not isinstance(node, ast.ImportFrom):
        return None
    match = FACE.match(node.module or '')
    if not match or match.group(1) == 'simple':
        return None
    if '%s.%s' % match.groups() in SUBPACKAGES and node.module.count('.') == 3:
        return None
    return node.module if imported(node) else None
