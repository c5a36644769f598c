# Copyright the carryall authors.  See LICENSE.
"""Each option that a service or command reads (``options.max_connections``) is one that its schema
declares.

``options`` and ``self._options`` hold option values in all services and commands, and nothing else.
The options of a package (of a module, if it stands alone) are those that its definitions declare.
Those of definitions elsewhere that these use are added.  ``Option('port', ...)`` in a group of app/
counts for every package that makes the group.  A module without a schema that other
packages import may read the options of theirs too.
"""
import ast

from admin.checks.tree import Finding, dotted, nodes

READERS = ('app', 'services', 'apps', 'commands')
HOLDERS = ('options', '_options')           # names of option values
FORM = ('form', 'form_values')              # of a schema with forms
# Names of modules and of attributes that are no option values in these modules.
APART = ('app/options.py', 'app/optionvalues.py', 'app/usage.py', 'app/application.py',
         'app/servicetypes.py')


def check(tree):
    """Compares what is read with what is declared."""
    sources = Sources(tree)
    for path in tree.files(*READERS):
        if path in APART:
            continue
        known = None
        for node, name in _reads(tree.parse(path)):
            if known is None:
                known = sources.visible_in(path)
            if name not in known:
                yield Finding(path, node.lineno, 'no option here is called %s' % name)
        for node in nodes(tree.parse(path)):
            if isinstance(node, ast.Subscript) and _holds(node.value):
                yield Finding(path, node.lineno, 'option values have attributes: options.x')


def _holds(node):
    return isinstance(node, ast.Name) and node.id == 'options' \
        or isinstance(node, ast.Attribute) and node.attr == '_options'


def _reads(parsed):
    """(node, attribute) of each attribute of option values, and of each literal name in
    ``named(options, ...)``."""
    imported = set()
    for node in nodes(parsed):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imported.update((alias.asname or alias.name).split('.')[0] for alias in node.names)
    if 'options' in imported:               # a module of that name
        return
    for node in nodes(parsed):
        if isinstance(node, ast.Attribute) and _holds(node.value):
            yield node, node.attr
        elif isinstance(node, ast.Call) and dotted(node.func) == 'named' and node.args \
                and _holds(node.args[0]):
            for argument in node.args[1:]:
                if isinstance(argument, ast.Constant):
                    yield argument, argument.value


class Sources:
    """The options that each definition declares, and the definitions that each one uses."""

    def __init__(self, tree):
        self._tree = tree
        self._paths = set(tree.files(*READERS))
        self._packages = {}                 # name of a package -> its paths
        for path in self._paths:
            self._packages.setdefault(_package_of(path), []).append(path)
        self._imports = {path: self._imported(path) for path in self._paths}
        self._names = {}                    # package -> names of its options

    def visible_in(self, path):
        """The options that a module may read: of its package,
        and without a schema those of its importers."""
        found = set(FORM) | self._names_of(_package_of(path))
        if any(isinstance(node, ast.Call) and dotted(node.func) == 'Schema'
               for node in nodes(self._tree.parse(path))):
            return found
        for other, names in self._imports.items():
            if any(target == path for target, _ in names.values()):
                found |= self._names_of(_package_of(other))
        return found

    def _names_of(self, package):
        if package not in self._names:
            found = set()
            seen = set()
            for path in self._packages[package]:
                self._collect(path, self._tree.parse(path), found, seen)
            self._names[package] = found
        return self._names[package]

    def _collect(self, path, part, found, seen):
        """Adds the options declared in *part* of a module, and in the definitions that it uses."""
        imports = self._imports[path]
        for node in ast.walk(part):
            if isinstance(node, ast.Call):
                found.update(_declared(node))
            if isinstance(node, ast.Name) and node.id in imports:
                self._follow(imports[node.id], found, seen)
            elif isinstance(node, ast.Name):
                self._follow((path, node.id), found, seen)
            elif isinstance(node, ast.Attribute) and dotted(node.value) in imports:
                module, name = imports[dotted(node.value)]
                if name is None:
                    self._follow((module, node.attr), found, seen)

    def _follow(self, target, found, seen):
        path, name = target
        if target in seen or name is None or path not in self._paths:
            return
        seen.add(target)
        for node in self._tree.parse(path).body:
            if name in _defined(node):
                self._collect(path, node, found, seen)

    def _imported(self, path):
        """{name: (path of a module, definition in it, or None for the module)} of what a module
        imports from ours."""
        found = {}
        for node in nodes(self._tree.parse(path)):
            if isinstance(node, ast.ImportFrom) and (node.module or '').startswith('carryall.'):
                base = node.module[len('carryall.'):].replace('.', '/')
                for alias in node.names:
                    name = alias.asname or alias.name
                    inner = self._path_of(base + '/' + alias.name)
                    outer = self._path_of(base)
                    if inner:
                        found[name] = (inner, None)
                    elif outer:
                        found[name] = (outer, alias.name)
        return found

    def _path_of(self, module):
        for path in (module + '.py', module + '/__init__.py'):
            if path in self._paths:
                return path
        return None


def _package_of(path):
    """``services/web`` for its modules; the path of a module that stands alone."""
    parts = path.split('/')
    return '/'.join(parts[:2]) if len(parts) > 2 else path


def _defined(node):
    """The names that a statement of a module defines."""
    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
        return (node.name,)
    if isinstance(node, ast.Assign):
        return tuple(name.id for target in node.targets for name in ast.walk(target)
                     if isinstance(name, ast.Name))
    return ()


def _declared(node):
    """The attributes of the options that a call makes: ``Option('max-connections', ...)``; a
    group's ``port='smtp'``."""
    called = dotted(node.func).split('.')[-1]
    if called.endswith(('Option', 'Flag', 'Argument')) and node.args and isinstance(
            node.args[0], ast.Constant):
        yield _attribute(node.args[0].value)
    elif called.endswith('Options'):
        for argument in node.args[:1] + [keyword.value for keyword in node.keywords
                                         if keyword.arg == 'option']:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                yield _attribute(argument.value)


def _attribute(name):
    attribute = str(name).replace('-', '_')
    try:
        compile(attribute + ' = 0', '', 'exec')
    except SyntaxError:
        return attribute + '_'
    return attribute
