# Copyright the carryall authors.  See LICENSE.
"""Numbers from the wire go through core.wirenum: no bare int() in protocols/,
which takes ' +1_0' as well as '10'."""
import ast

from admin.checks.tree import Finding


def check(tree):
    """Every call of int() on anything but a literal, or a floor division,
    which text cannot come out of."""
    for path, node in tree.walk('protocols'):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) \
                and node.func.id == 'int' and node.args \
                and not isinstance(node.args[0], ast.Constant) and not _is_floor(
                    node.args[0]):
            yield Finding(path, node.lineno, 'int(): use decimal() or hexadecimal() of '
                                             'carryall.core.codec.numbers')


def _is_floor(node):
    """True if the expression is ``x // y``."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv)
