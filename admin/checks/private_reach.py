# Copyright the carryall authors.  See LICENSE.
"""A ``_name`` is private to its file: no use of a base class's privates,
or of another object's, from another file.

A private name that a class defines although a base class in another file defines it too is such a
use.  The names of the standard library that begin with an underscore and are public are excepted.
"""
import ast

from admin.checks import classindex
from admin.checks.classindex import is_private
from admin.checks.tree import PRODUCT, Finding, dotted, nodes

LOOKUPS = ('getattr', 'hasattr', 'setattr', 'delattr')
# Names of the standard library and of Jython, which no class of ours has: named tuples, ctypes, os,
# sys; a socket's accept without its wrapper; the mark between asyncio's tasks and others' futures.
DOCUMENTED = ('_replace', '_asdict', '_make', '_fields', '_field_defaults', '_fields_', '_pack_',
              '_exit', '_getframe', '_current_frames', '_MEIPASS', '_accept',
              '_asyncio_future_blocking', '_posix_impl')


def check(tree):
    """Looks at every attribute and every import that begins with an underscore."""
    found = classindex.index(tree)
    for path in tree.files(*PRODUCT):
        for line, message in sorted(_file(found, path)):
            yield Finding(path, line, message)


def _file(found, path):
    """(line, message) of each use in one file."""
    parsed = found.tree.parse(path)
    defined = set().union(*[each.privates for each in found.classes(path)])
    owned = set()
    for each in found.classes(path):
        inherited = _inherited(found, each)
        for name in sorted(each.defined_in_body & set(inherited)):
            yield _line_of(each, name), '%s.%s is private to %s' \
                % (each.name, name, inherited[name])
        for node, name in _own(each):
            owned.add(node)
            if name in inherited:
                yield node.lineno, '%s is private to %s' % (name, inherited[name])
            elif name not in defined and name not in inherited:
                yield node.lineno, '%s is defined by no class of this file' % name
    for node in nodes(parsed):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if is_private(alias.name) and (node.module or '').startswith('carryall.'):
                    yield node.lineno, '%s is private to %s' % (alias.name, node.module)
        name = _private(node)
        if name and node not in owned and name not in defined:
            yield node.lineno, '%s is of another object, defined by no class of this file' \
                % (dotted(node) or name)


def _inherited(found, each):
    """Private name -> file, for what its bases in other files define."""
    names = {}
    for base in found.ancestors(each):
        if base.path != each.path:
            for name in base.privates:
                names.setdefault(name, base.path)
    return names


def _own(each):
    """(node, name) of each use of a private name through the first parameter of a method."""
    for function, owner in each.methods():
        for node in ast.walk(function):
            name = _private(node)
            value = node.args[0] if isinstance(node, ast.Call) and node.args else getattr(
                node, 'value', None)
            if name and isinstance(value, ast.Name) and value.id == owner:
                yield node, name


def _line_of(each, name):
    """The line at which a class first defines a name."""
    for node in ast.walk(each.node):
        if getattr(node, 'name', '') == name or getattr(node, 'attr', '') == name \
                or getattr(node, 'id', '') == name:
            return node.lineno
    return each.node.lineno


def _private(node):
    """The private name that ``x._name`` or ``getattr(x, '_name')`` looks up;
    '' for any other node."""
    name = ''
    if isinstance(node, ast.Attribute):
        name = node.attr
    elif isinstance(node, ast.Call) and dotted(node.func) in LOOKUPS and len(node.args) > 1:
        name = node.args[1].value if isinstance(node.args[1], ast.Constant) else ''
    return name if isinstance(name, str) and is_private(name) and name not in DOCUMENTED else ''
