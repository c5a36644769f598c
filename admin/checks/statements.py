# Copyright the carryall authors.  See LICENSE.
"""One statement and one assignment a line; no conditional expression stands inside another.

``a = b = c`` and ``a, b = 1, 2`` are two assignments.  Unpacking one value is one, and so is a
swap: a tuple of values of which one reads what another target sets, as ``a, b = b, a`` and
``data, self.data = self.data, None``.
"""
import ast
import io
import re
import tokenize

from admin.checks.tree import WITH_EXAMPLES, Finding, nodes

COMPOUND = ('if', 'elif', 'else', 'for', 'while', 'with', 'try', 'except', 'finally', 'def',
            'class', 'async')
SKIPPED = (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)


def check(tree):
    """Looks at the tokens and at the syntax tree of each file."""
    for path in tree.files(*WITH_EXAMPLES):
        for line, message in _tokens(tree.text(path)):
            yield Finding(path, line, message)
        inner = set()
        for node in nodes(tree.parse(path)):
            if isinstance(node, ast.Assign):
                message = _assignment(node)
                if message:
                    yield Finding(path, node.lineno, message)
            elif isinstance(node, ast.IfExp) and node not in inner:
                nested = [each for each in ast.walk(node) if isinstance(each, ast.IfExp)
                          and each is not node]
                inner.update(nested)
                if nested:
                    yield Finding(path, node.lineno, 'a conditional expression inside another')


def _tokens(text):
    """(line, message) for each second statement of a line."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, SyntaxError):
        return
    first = True
    compound = False
    depth = 0
    lambdas = 0
    for token, after in zip(tokens, tokens[1:]):
        if token.type in SKIPPED:
            continue
        if first:
            compound = token.string in COMPOUND
            depth = 0
            lambdas = 0
        first = token.type == tokenize.NEWLINE
        if token.type == tokenize.NAME and token.string == 'lambda' and not depth:
            lambdas += 1
        if token.type != tokenize.OP:
            continue
        if token.string in '([{':
            depth += 1
        elif token.string in ')]}':
            depth -= 1
        elif token.string == ';' and not depth:
            yield token.start[0], 'two statements on a line'
        elif token.string == ':' and not depth and lambdas:
            lambdas -= 1
        elif token.string == ':' and not depth and compound:
            compound = False
            if after.type not in (tokenize.NEWLINE, tokenize.COMMENT):
                yield token.start[0], 'a statement behind the colon'


def _assignment(node):
    """The fault of an assignment; '' if it has none."""
    if len(node.targets) > 1:
        return 'a chain of assignments'
    target = node.targets[0]
    if not isinstance(target, ast.Tuple) or not isinstance(node.value, ast.Tuple):
        return ''
    names = [_plain(each) for each in target.elts]
    for index, value in enumerate(node.value.elts):
        read = {_plain(each) for each in ast.walk(value) if isinstance(each, ast.expr)}
        if read & set(names[:index] + names[index + 1:]):
            return ''
    return 'two assignments on a line'


def _plain(expression):
    """An expression as text, the same for reading and for setting it."""
    return re.sub(r'ctx=\w+\(\)', '', ast.dump(expression))
