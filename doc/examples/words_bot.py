# Copyright the carryall authors.  See LICENSE.
"""A bot for the words service, in five lines: carryall serve words --bot parrot:words_bot:Parrot

Say `join tea` to it, and it is in that group.
"""
from carryall.services.words.chatbots import Bot


class Parrot(Bot):
    def heard(self, message):
        return self.answer(message, u'You said: ' + message.text)
