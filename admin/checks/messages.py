# Copyright the carryall authors.  See LICENSE.
"""No branch depends on the text of a message: ``'full' in str(exc)``;
a class or an attribute tells errors apart.

Excepted is a comparison under a comment with a tag (``jython:``, ``py2:``, ``pypy:``, ``peer:``),
for errors of others that give nothing but a text.
"""
import ast
import re

from admin.checks.tree import PRODUCT, Finding, dotted, nodes

TO_TEXT = ('str', 'repr', 'unicode', 'text_type', 'text_of', 'message_of')
METHODS = ('startswith', 'endswith', 'find', 'index', 'count', 'partition')
SEARCHES = ('search', 'match', 'fullmatch', 'findall')
ERROR_NAMES = ('exc', 'error', 'err', 'failure', 'fault', 'exception')
TEXT_ATTRIBUTES = ('message', 'strerror', 'msg')
TAGGED = re.compile(r'#\s*(?:jython|py2|pypy|peer):')
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def check(tree):
    """Looks at each function for comparisons and searches in the text of an exception."""
    for path in tree.files(*PRODUCT):
        tags = {line for line, comment in tree.comments(path) if TAGGED.match(comment)}
        for function in nodes(tree.parse(path)):
            if isinstance(function, FUNCTIONS):
                for node in _branches(function):
                    if not tags & {node.lineno, node.lineno - 1}:
                        yield Finding(path, node.lineno, 'depends on the text of a message')


def _branches(function):
    """The nodes of a function that look into the text of an exception."""
    errors = set(ERROR_NAMES)
    for node in ast.walk(function):
        if isinstance(node, ast.ExceptHandler) and node.name:
            errors.add(node.name)
    texts = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _is_text(
                node.value, errors, texts):
            texts.add(node.targets[0].id)
    for node in ast.walk(function):
        if isinstance(node, ast.Compare) and _compares(node, errors, texts):
            yield node
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            looks_into = node.func.attr in METHODS and _is_text(node.func.value, errors, texts)
            searches = node.func.attr in SEARCHES and any(_is_text(each, errors, texts)
                                                          for each in node.args)
            if looks_into or searches:
                yield node


def _compares(node, errors, texts):
    """If a comparison has the text of an exception on one side;
    with None or a number it has not."""
    sides = [node.left] + node.comparators
    plain = [each for each in sides if isinstance(each, ast.Constant)
             and not isinstance(each.value, (str, bytes))]
    return not plain and any(_is_text(each, errors, texts) for each in sides)


def _is_text(node, errors, texts):
    """If an expression is the text of an exception, or was given it before."""
    if isinstance(node, ast.Name):
        return node.id in texts
    if isinstance(node, ast.BoolOp):
        return any(_is_text(each, errors, texts) for each in node.values)
    if isinstance(node, ast.Call) and node.args:
        name = dotted(node.func).rpartition('.')[2]
        return name in TO_TEXT and isinstance(node.args[0], ast.Name) and node.args[0].id in errors
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ('lower', 'upper', 'strip', 'getMessage') and (
            _is_text(node.func.value, errors, texts) or dotted(node.func.value) in errors)
    if isinstance(node, ast.Subscript):
        owner, _, attribute = dotted(node.value).rpartition('.')
        return attribute == 'args' and owner in errors and 'errno' not in ast.dump(node.slice)
    if isinstance(node, ast.Attribute):
        return node.attr in TEXT_ATTRIBUTES and dotted(node.value) in errors
    return False
