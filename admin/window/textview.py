# Copyright the carryall authors.  See LICENSE.
"""The terminal as a view: one sentence for each thing that happens, and commands of one line.

Nothing is drawn over: a screen reader or a braille display reads each line once.
"""
from __future__ import absolute_import, division, print_function

import sys
import threading
import time

from admin.window import texts
from admin.window.session import POLL_MILLISECONDS
from carryall.core.compat import Queue

COMMANDS = (('r NUMBER', 'run that failed test again'), ('f', 'run all failed tests again'),
            ('t NUMBER', 'read the traceback of that failure'), ('n', 'how far it is'),
            ('m', 'the matrix'), ('a', 'run all again'), ('s', 'stop'), ('q', 'end all and leave'),
            ('h', 'these commands'))


class View(object):
    """The view of one session.

    Args:  commands: a file of lines that the user types; None to end with the run.
    """

    def __init__(self, session, commands=None, out=None):
        self._session = session
        self._commands = commands
        self._out = out or sys.stdout
        self._heard = {}
        self._typed = Queue()

    def run(self):
        """Shows the session until it is closed."""
        if self._commands:
            reader = threading.Thread(target=self._read)
            reader.daemon = True
            reader.start()
            self.say('Type h and Enter for the commands.')
        self._session.run_all()
        while not self._session.closed:
            self.turn()
            time.sleep(POLL_MILLISECONDS / 1000.0)
        self._tell()
        self._session.kill()

    def turn(self):
        """Takes in what has come, says it, and obeys what was typed."""
        self._session.poll()
        self._tell()
        while not self._typed.empty():
            self.obey(self._typed.get())
        if not self._commands and not self._session.busy:
            self._session.close()

    def say(self, line):
        """Writes one line."""
        if not isinstance(line, str):
            line = line.encode('utf-8')                 # py2: a terminal takes octets
        self._out.write(line + '\n')
        self._out.flush()

    def obey(self, line):
        """Does what one typed line says; None is the end of the input."""
        if line is None:
            self._session.close()
            return
        words = line.split()
        if not words:
            return
        letter = words[0].lower()
        actions = {'f': self._session.run_failed_again, 'a': self._run_all,
                   's': self._session.stop, 'q': self._session.close, 'n': self._say_progress,
                   'm': self._say_matrix, 'h': self._say_commands}
        if letter in ('r', 't'):
            self._obey_about(letter, words[1:])
        elif letter in actions:
            actions[letter]()
        else:
            self.say('There is no command %s; h lists them.' % words[0])

    def _obey_about(self, letter, words):
        failures = self._session.model.failures
        chosen = int(words[0]) if words and words[0].isdigit() else 0
        if not 1 <= chosen <= len(failures):
            self.say('Which failure?  There are %d; say %s and a number.' % (len(failures), letter))
        elif letter == 'r':
            self._session.run_again([failures[chosen - 1]])
        else:
            self.say(texts.detail(failures[chosen - 1]))

    def _run_all(self):
        if not self._session.busy:
            self._heard = {}
        self._session.run_all()

    def _say_progress(self):
        model = self._session.model
        self.say('%s. %s.' % (texts.headline(model), ', '.join(
            '%s %s' % (text, words.lower()) for words, text, _kind in texts.tiles(model))))
        for run in model.runtimes.values():
            self.say('%s: %s' % (run.name, texts.progress(run)))

    def _say_matrix(self):
        for line in texts.table(self._session.model):
            self.say(line)

    def _say_commands(self):
        for name, meaning in COMMANDS:
            self.say('%-10s %s' % (name, meaning))

    def _tell(self):
        lines, self._heard = texts.sentences(self._heard, self._session.model)
        for line in lines:
            self.say(line)

    def _read(self):
        for line in iter(self._commands.readline, ''):
            self._typed.put(line)
        self._typed.put(None)
