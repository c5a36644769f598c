# Copyright the carryall authors.  See LICENSE.
"""The value of a yield gets a name before it is an argument or is compared.

On Jython 2.7.3 a yield behind other arguments of a call, or deeper than one call, fails when it is
reached.  One beside a comparison keeps its module from being loaded.  Neither is a fault on CPython
(findings/jython-yield-among-arguments.sh).
"""
import ast

from admin.checks.tree import PORTABLE, Finding, nodes

PYTHON_3 = '_py3.py'                # such a module never runs on Jython


def check(tree):
    """Looks for them in everything that Jython runs."""
    for path in tree.files(*PORTABLE):
        if path.endswith(PYTHON_3):
            continue
        parents = {child: node for node in nodes(tree.parse(path))
                   for child in ast.iter_child_nodes(node)}
        for node in parents:
            if isinstance(node, ast.Yield) and _waits(node, parents):
                yield Finding(path, node.lineno, 'a yield among arguments or in a comparison: '
                              'Jython needs a name for its value')


def _waits(node, parents):
    """True if a comparison, or a call that is not the whole statement, waits for its value."""
    while not isinstance(parents[node], ast.stmt):
        parent = parents[node]
        if isinstance(parent, ast.Compare):
            return True
        if isinstance(parent, ast.Call) and not _is_first_of_all(node, parent, parents):
            return True
        node = parent
    return False


def _is_first_of_all(node, call, parents):
    """True if *node* is the first argument of a call that stands alone in its statement."""
    return call.args[:1] == [node] and isinstance(parents[call], ast.stmt)
