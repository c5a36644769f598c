# Copyright the carryall authors.  See LICENSE.
"""Modules have at most 800 lines, functions 60, literal tables 1,000 rows (a larger one does not
compile for the JVM)."""
import ast

from admin.checks.tree import PYTHON, Finding

MODULE_LINES = 800
FUNCTION_LINES = 60
TABLE_ROWS = 1000


def check(tree):
    """Measures everything."""
    for path in tree.files(*PYTHON):
        lines = tree.text(path).count('\n')
        if lines > MODULE_LINES:
            yield Finding(path, lines, '%d lines: split it' % lines)
    for path, node in tree.walk(*PYTHON):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield Finding(path, node.lineno, '%s has %d lines' % (node.name, lines))
        rows = len(getattr(node, 'keys' if isinstance(node, ast.Dict) else 'elts', ()))
        if rows > TABLE_ROWS:
            yield Finding(path, node.lineno, 'a literal of %d rows' % rows)
