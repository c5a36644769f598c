# Copyright the carryall authors.  See LICENSE.
"""The classes of the tree: the file of each, its bases resolved through imports, and the private
names it defines."""
import ast

from admin.checks.tree import PRODUCT, dotted, nodes

DEPTH_OF_REEXPORTS = 8
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Class:
    """One class statement of a file."""

    def __init__(self, path, node):
        self.path = path
        self.node = node
        self.name = node.name
        self.defined_in_body = _in_body(node)
        self.privates = self.defined_in_body | _set_on_self(node)

    def methods(self):
        """(function, name of its first parameter) of each method;
        the name is None for a static method."""
        for node in _statements(self.node.body):
            if isinstance(node, FUNCTIONS):
                yield node, _first_parameter(node)


class ClassIndex:
    """All classes of a tree, by file."""

    def __init__(self, tree):
        self.tree = tree
        self._there = set(tree.everything())
        self._classes = {}
        self._names = {}

    def classes(self, path):
        """The classes of one file, inner ones too."""
        if path not in self._classes:
            self._classes[path] = [Class(path, node) for node in nodes(self.tree.parse(path))
                                   if isinstance(node, ast.ClassDef)]
        return self._classes[path]

    def bases(self, each):
        """(class, text) for each base; the class is None if it is not ours."""
        for node in each.node.bases:
            text = dotted(node)
            yield self.find(each.path, text) if text else None, text or ast.dump(node)

    def ancestors(self, each):
        """All classes of ours that it inherits from, nearest first, and each once."""
        found = []
        waiting = [each]
        while waiting:
            for base, _ in self.bases(waiting.pop(0)):
                if base is not None and base is not each and base not in found:
                    found.append(base)
                    waiting.append(base)
        return found

    def foreign(self, each):
        """The names of the bases, its own and inherited, that are not ours;
        ``object`` is left out."""
        lines = [each] + self.ancestors(each)
        return [text for one in lines for base, text in self.bases(one) if base is None
                and text != 'object']

    def find(self, path, name, left=DEPTH_OF_REEXPORTS):
        """The class that a dotted name means in a file; None if it is not one of ours."""
        first, _, rest = name.partition('.')
        if not rest:
            for each in self.classes(path):
                if each.name == first:
                    return each
        full = self._imports(path).get(first)
        if full is None or not left:
            return None
        return self._by_full_name(full + '.' + rest if rest else full, path, left)

    def module_path(self, module):
        """The file of a module of ours; None for any other."""
        plain = module.replace('.', '/')
        tops = [plain]
        if module.startswith('carryall.'):
            tops.append(plain.partition('/')[2])
        for each in tops:
            for path in (each + '.py', each + '/__init__.py'):
                if path in self._there:
                    return path
        return None

    def _by_full_name(self, full, asking, left):
        parts = full.split('.')
        for length in range(len(parts) - 1, 0, -1):
            path = self.module_path('.'.join(parts[:length]))
            if path is not None and path != asking:
                return self.find(path, '.'.join(parts[length:]), left - 1)
        return None

    def _imports(self, path):
        """The full name of each name that a file imports or gives another name at its top level."""
        if path not in self._names:
            self._names[path] = _bindings(self.tree.parse(path))
        return self._names[path]


def index(tree):
    """The index of a tree, made once."""
    if not hasattr(tree, 'class_index'):
        tree.class_index = ClassIndex(tree)
    return tree.class_index


def product_classes(tree):
    """(index, class) for each class of the product."""
    found = index(tree)
    for path in tree.files(*PRODUCT):
        for each in found.classes(path):
            yield found, each


def is_private(name):
    """If a name begins with one underscore."""
    return name.startswith('_') and not name.startswith('__') and name != '_'


def _bindings(parsed):
    """(name, full name) for each import and each ``name = imported.name`` at the top level."""
    names = dict(_imported(parsed))
    for node in parsed.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            first, _, rest = dotted(node.value).partition('.')
            if first in names:
                names.setdefault(node.targets[0].id, names[first] + ('.' + rest if rest else ''))
    return names


def _imported(parsed):
    for node in nodes(parsed):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition('.')[0]
                yield (alias.asname, alias.name) if alias.asname else (top, top)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, '%s.%s' % (node.module, alias.name)


def _first_parameter(function):
    decorators = [dotted(each) for each in function.decorator_list]
    parameters = function.args.posonlyargs + function.args.args
    if 'staticmethod' in decorators or not parameters:
        return None
    return parameters[0].arg


def _in_body(node):
    """The private names of the methods, classes,
    attributes and slots that a class statement defines."""
    found = set()
    for each in _statements(node.body):
        found |= {each.name} if isinstance(each, FUNCTIONS + (ast.ClassDef,)) else _assigned(each)
    return {name for name in found if is_private(name)}


def _set_on_self(node):
    """The private names that the methods of a class statement set on their first parameter."""
    found = set()
    for each in _statements(node.body):
        if isinstance(each, FUNCTIONS):
            found |= _set_on(each, _first_parameter(each))
    return {name for name in found if is_private(name)}


def _statements(body):
    """The statements of a class, those below ``if`` and ``try`` too."""
    for each in body:
        yield each
        if not isinstance(each, FUNCTIONS + (ast.ClassDef,)):
            inner = [node for node in ast.iter_child_nodes(each)
                     if isinstance(node, (ast.stmt, ast.ExceptHandler))]
            yield from _statements(inner)


def _assigned(statement):
    """The names that a statement of a class sets; of ``__slots__`` those in its value."""
    if isinstance(statement, ast.Assign) and dotted(statement.targets[0]) == '__slots__':
        return {node.value for node in ast.walk(statement.value)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Store)}


def _set_on(function, owner):
    """The attributes that a function sets on the object called *owner*."""
    return {node.attr for node in ast.walk(function)
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name) and node.value.id == owner}
