# Copyright the carryall authors.  See LICENSE.
"""The pages of the wiki: a file for each revision."""
import difflib
import os
import re

WORD = re.compile(r'\b([A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+)\b')
seen = {}


class Revision(object):
    """One text of a page."""

    def __init__(self, number, author, text):
        self.number = number
        self.author = author
        self.text = text

    def parts(self, names):
        """(text, name) pairs: plain text, and the name of a page behind it or None."""
        found = []
        at = 0
        for match in WORD.finditer(self.text):
            found.append((self.text[at:match.start()], None))
            found.append((match.group(1), match.group(1) in names))
            at = match.end()
        found.append((self.text[at:], None))
        return found


class Store(object):
    """A folder of pages."""

    def __init__(self, folder):
        self._folder = folder

    def _page(self, name):
        return os.path.join(self._folder, 'pages', name)

    def names(self):
        """All pages, by name."""
        folder = os.path.join(self._folder, 'pages')
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []

    def _numbers(self, name):
        folder = self._page(name)
        return sorted(int(entry) for entry in os.listdir(folder)) if os.path.isdir(folder) else []

    def read(self, name, number=None):
        """A revision; None if it is missing."""
        numbers = self._numbers(name)
        if number is None:
            number = numbers[-1] if numbers else 0
        if number not in numbers:
            return None
        with open(os.path.join(self._page(name), '%d' % number), 'rb') as file:
            data = file.read()
        if not isinstance(data, str):
            data = data.decode('utf-8')
        author, _, text = data.partition('\n')
        return Revision(number, author, text)

    def revisions(self, name):
        """All revisions of a page."""
        return [self.read(name, number) for number in self._numbers(name)]

    def write(self, name, text, author, former):
        """False if *former* is not the last revision any more."""
        numbers = self._numbers(name)
        if (numbers[-1] if numbers else 0) != former:
            return False
        folder = self._page(name)
        if not numbers:
            os.makedirs(folder)
        data = '%s\n%s' % (author, text)
        with open(os.path.join(folder, '%d' % (former + 1)), 'wb') as file:
            file.write(data if isinstance(data, bytes) else data.encode('utf-8'))
        return True

    def difference(self, name):
        """The lines that the last revision has changed; None for a page with one revision."""
        revisions = self.revisions(name)
        if len(revisions) < 2:
            return None
        former, last = revisions[-2:]
        return [line + '\n' for line in difflib.ndiff(former.text.splitlines(),
                                                      last.text.splitlines()) if line[0] in '+-']

    def search(self, word):
        """The pages whose text has *word*."""
        return [name for name in self.names() if word.lower() in self.read(name).text.lower()]

    def count(self, name):
        """Counts the saves of this process."""
        seen[name] = seen.get(name, 0) + 1

    def keep(self, name, data):
        """Keeps a file."""
        folder = os.path.join(self._folder, 'files')
        if not os.path.isdir(folder):
            os.makedirs(folder)
        with open(os.path.join(folder, name), 'wb') as file:
            file.write(data)

    def files(self):
        """The names of all files."""
        folder = os.path.join(self._folder, 'files')
        return sorted(os.listdir(folder)) if os.path.isdir(folder) else []

    def path_of(self, name):
        """The path of a file; None if it is missing."""
        path = os.path.join(self._folder, 'files', name)
        return path if os.path.isfile(path) else None
