# Copyright the carryall authors.  See LICENSE.
"""Every row of a command table has a method in its file or in a group of its package.

It also has an RFC section, and a test that names its verb.
"""
import ast
import posixpath

from admin.checks.tree import Finding, nodes

FIELDS = ('verb', 'method')             # the positional ones that are looked at


def check(tree):
    """Looks at each ``Command(b'VERB', 'method', ..., rfc='...')`` of the protocols."""
    methods = {path: _methods(tree.parse(path)) for path in tree.files('protocols')}
    for path in methods:
        for node in nodes(tree.parse(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) \
                    and node.func.id == 'Command':
                for wrong in _row(tree, path, methods, _fields(node)):
                    yield Finding(path, node.lineno, wrong)


def _methods(parsed):
    """The names of all functions of a file."""
    return {node.name for node in nodes(parsed) if isinstance(node, ast.FunctionDef)}


def _in_groups(methods, path):
    """The names of all functions of the package, where command groups are."""
    folder = posixpath.dirname(path) + '/'
    return set().union(*[names for each, names in methods.items() if each.startswith(folder)])


def _fields(node):
    """The row's literal values by name."""
    given = dict(zip(FIELDS, node.args))
    given.update((keyword.arg, keyword.value) for keyword in node.keywords)
    return {name: value.value for name, value in given.items() if isinstance(value, ast.Constant)}


def _row(tree, path, methods, row):
    verb = row.get('verb', b'?')
    verb = verb.decode('latin-1') if isinstance(verb, bytes) else verb
    group, _, method = str(row.get('method')).rpartition('.')
    if method not in (_in_groups(methods, path) if group else methods[path]):
        yield '%s: there is no method %s here' % (verb, row.get('method'))
    if not row.get('rfc'):
        yield '%s has no RFC section' % verb
    if not any(verb in tree.text(test) for test in _tests(tree, path)):
        yield '%s has no test below tests/%s' % (verb, posixpath.dirname(path))


def _tests(tree, path):
    """The tests of one protocol: tests/protocols/test_pop3*.py, or all of tests/protocols/ftp/."""
    folder, name = posixpath.split(path[:-len('.py')])
    start = 'tests/protocols/test_' + name if folder == 'protocols' else 'tests/%s/' % folder
    return [test for test in tree.files('tests') if test.startswith(start)]
