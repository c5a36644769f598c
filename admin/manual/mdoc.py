# Copyright the carryall authors.  See LICENSE.
"""Text and macro lines of mdoc(7), with everything escaped that a formatter would interpret.

A hyphen is escaped everywhere, so that an option can be copied out of a formatted page.
"""
import re

from carryall.app.usage import wrap

WIDTH = 72                  # characters of a text line before it is escaped
SPECIAL = {'\\': '\\e', '-': '\\-', "'": '\\(aq', '`': '\\(ga',
           '^': '\\(ha', '~': '\\(ti', '"': '\\(dq'}
MACRO = re.compile(r'[A-Z][a-z0-9]{0,2}\Z|[.,:;()\[\]?!|]\Z')


def escaped(text):
    """The text with each special character in mdoc's spelling."""
    return ''.join(_escaped_character(char) for char in text)


def _escaped_character(char):
    if char in SPECIAL:
        return SPECIAL[char]
    return char if ' ' <= char <= '~' else '\\[u%04X]' % ord(char)


def argument(word):
    """One argument of a macro; a word that is also the name of a macro is protected."""
    if MACRO.match(word):
        return '\\&' + escaped(word)
    return '"%s"' % escaped(word) if ' ' in word or not word else escaped(word)


def paragraph(text):
    """Lines of running text; every sentence begins a line."""
    lines = []
    for sentence in sentences(text):
        for line in wrap(sentence, 0, WIDTH):
            lines.append(('\\&' if line[:1] in ".'" else '') + escaped(line))
    return lines


def sentences(text):
    """The sentences of a text."""
    return [part for part in re.split(r'(?<=[.!?]) +(?=["A-Z])', ' '.join(text.split())) if part]


def literal(lines):
    """An indented block that is printed as it is."""
    return ['.Bd -literal -offset indent'] + [
        ('\\&' if line[:1] in ".'" else '') + escaped(line) for line in lines] + ['.Ed']


def capital(text):
    """The text with a large first letter, unless it begins with a name of its own."""
    first = text.split(' ', 1)[0]
    return text[:1].upper() + text[1:] if first.isalpha() and first.islower() else text


def sentence(text):
    """A text as a sentence: a large first letter, and a full stop."""
    text = capital(text.strip())
    return text if text.endswith(('.', '?', '!')) else text + '.'
