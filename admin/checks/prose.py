# Copyright the carryall authors.  See LICENSE.
"""The prose of a Python file: docstrings, comments and texts for users,
and the sentences of a text."""
import ast
import collections
import inspect
import re

from admin.checks.tree import nodes

# kind: docstring, comment, trailing (a comment behind code) or text (a string that has words and is
# no docstring).
Prose = collections.namedtuple('Prose', 'kind line text')

HOLDERS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
# A comment that a tool reads.
MARK = re.compile(r'#\s*(type:|noqa|pylint:|pragma|pytype|mypy:|!|-\*-|Copyright)')
# A line that begins an item of a list, a field or a definition.
ITEM = re.compile(r'\s*(?:[-*] |\d+[.)] |:\w+|[|+>]|\*{0,2}\w+(?:, \*{0,2}\w+)*: |[A-Z]\w+:$)')
COLUMNS = re.compile(r'\S\s{2,}\S')
SPACES_BETWEEN_SENTENCES = re.compile(r'([.?!][)`"\'*]*)  (?=[A-Z`\'"(*])')
ABBREVIATIONS = re.compile(r'\b(e\.g|i\.e|etc|vs|cf|al|No|sec|approx|resp|Sec|incl)\.(?=\s)')
SENTENCE_END = re.compile(r'(?<=[.?!])[)"\'`*]*\s+(?=[("\'`*]*[A-Z0-9`])')
LITERAL = re.compile(r'``.*?``|`[^`]*`', re.DOTALL)
WORD = re.compile(r'[A-Za-z0-9]')


def docstrings(parsed):
    """(line, text) of each docstring."""
    for node in nodes(parsed):
        if isinstance(node, HOLDERS) and node.body and isinstance(node.body[0], ast.Expr):
            value = node.body[0].value
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield value.lineno, inspect.cleandoc(value.value)


def comments(tree, path):
    """(kind, line, text) of each comment;
    lines of one comment that follow each other are joined."""
    lines = tree.text(path).split('\n')
    block = []
    for number, text in tree.comments(path):
        if MARK.match(text):
            continue
        if lines[number - 1].strip() != text:
            yield 'trailing', number, text.lstrip('#: ')
            continue
        if block and block[-1][0] != number - 1:
            yield _joined(block)
            block = []
        block.append((number, text))
    if block:
        yield _joined(block)


def _joined(block):
    return 'comment', block[0][0], '\n'.join(text.lstrip('#:').lstrip(' ') for _, text in block)


def texts(parsed):
    """(line, text) of each string with at least three words that is no docstring."""
    known = {node.body[0].value for node in nodes(parsed)
             if isinstance(node, HOLDERS) and node.body and isinstance(node.body[0], ast.Expr)}
    for node in nodes(parsed):
        if isinstance(node, ast.Constant) and node not in known:
            value = node.value.decode('latin-1') if isinstance(node.value, bytes) else node.value
            if isinstance(value, str) and len(value.split()) > 2:
                yield node.lineno, value


def of(tree, path):
    """All prose of a file."""
    for line, text in docstrings(tree.parse(path)):
        yield Prose('docstring', line, text)
    for kind, line, text in comments(tree, path):
        yield Prose(kind, line, text)
    for line, text in texts(tree.parse(path)):
        yield Prose('text', line, text)


def paragraphs(text):
    """The paragraphs and list items of a text, each on one line;
    examples and tables are left out."""
    gathered = []
    verbatim = False
    base = 0
    for line in text.split('\n') + ['']:
        indent = len(line) - len(line.lstrip())
        if not line.strip():
            if gathered:
                verbatim = gathered[-1].rstrip().endswith('::')
                base = len(gathered[0]) - len(gathered[0].lstrip())
                yield ' '.join(each.strip() for each in gathered)
            gathered = []
            continue
        if verbatim and indent > base:
            continue
        verbatim = False
        row = COLUMNS.search(SPACES_BETWEEN_SENTENCES.sub(r'\1 ', line.strip()))
        if row or line.lstrip().startswith(('>>>', '$ ', '|')):
            if gathered:
                yield ' '.join(each.strip() for each in gathered)
            gathered = []
            continue
        if ITEM.match(line) and gathered:
            yield ' '.join(each.strip() for each in gathered)
            gathered = []
        gathered.append(line)


def sentences(text):
    """The sentences of a text; code in backticks is one word of it."""
    for paragraph in paragraphs(text):
        plain = LITERAL.sub(lambda literal: 'C' if len(literal.group().split()) > 1
                            else literal.group(), paragraph)
        plain = ABBREVIATIONS.sub(r'\1', plain)
        for sentence in SENTENCE_END.split(plain):
            if sentence.strip():
                yield sentence.strip()


def words(sentence):
    """The number of words of a sentence; punctuation alone is none."""
    return sum(1 for each in sentence.split() if WORD.search(each))
