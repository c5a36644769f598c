# Copyright the carryall authors.  See LICENSE.
"""Only core/compat.py asks for the interpreter and has the names that differ between 2 and 3.

A difference in behaviour is a module of ``runtimes`` behind a flag of ``loop.caps``.  ``runtimes``
may ask for the operating system (``sys.platform``, ``os.name``), not for the version of Python.
"""
import ast
import re

from admin.checks.tree import PRODUCT, Finding, dotted, imported

ASKS = ('sys.version_info', 'sys.version', 'sys.hexversion', 'sys.implementation',
        'platform.python_implementation', 'platform.python_version',
        'platform.python_version_tuple')
ASKS_THE_SYSTEM = ('sys.platform', 'platform.system', 'os.name')
OTHER_SPELLINGS = ('unicode', 'xrange', 'basestring', 'long', 'unichr', 'raw_input',
                   'reduce', 'PY3')
COMPAT = 'core/compat.py'
TAGGED = re.compile(r'# (py2|jython|pypy): ')


def check(tree):
    """Looks for the questions, the names, and renamed modules imported by trial."""
    for path, node in tree.walk(*PRODUCT):
        if path == COMPAT:
            continue
        asked = dotted(node) if isinstance(node, ast.Attribute) else ''
        if asked in ASKS or asked in ASKS_THE_SYSTEM and not path.startswith('runtimes/'):
            yield Finding(path, node.lineno, '%s: ask carryall.core.compat, or make it a capability'
                          % asked)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) \
                and node.id in OTHER_SPELLINGS:
            yield Finding(path, node.lineno, '%s has another spelling on another version: use '
                                             'carryall.core.compat' % node.id)
        if isinstance(node, ast.Try) and _imports(node.body) \
                and any(_imports(each.body) for each in node.handlers):
            if not _says_why(tree, path, node):
                yield Finding(path, node.lineno, 'a module imported under one name or another '
                                                 'belongs into carryall.core.compat')


def _says_why(tree, path, node):
    """True if the statement has a tag: then it is another module, not another name of it."""
    return any(TAGGED.match(comment) for line, comment in tree.comments(path) if node.lineno <= line
               <= node.end_lineno)


def _imports(body):
    """True if the statements are imports."""
    return any(imported(node) for node in body)
