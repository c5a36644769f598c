# Copyright the carryall authors.  See LICENSE.
"""Dict: definitions of words from databases, server and client (RFC 2229)."""
from __future__ import absolute_import, division, print_function

from carryall.protocols.dict.client import DICTClient, connect
from carryall.protocols.dict.dictionary import (Database, Definition, DictionaryService,
                                                MemoryDictionary, Strategy)
from carryall.protocols.dict.dicturl import DictURL, parse_url
from carryall.protocols.dict.errors import DICTError
from carryall.protocols.dict.server import DICTServer
from carryall.protocols.dict.settings import PORT, ClientSettings, Settings
from carryall.protocols.dict.wire import (Banner, Reply, format_text, is_atom, parse_banner,
                                          parse_reply, quoted, split_words)

__all__ = ['Banner', 'ClientSettings', 'DICTClient', 'DICTError', 'DICTServer', 'Database',
           'Definition', 'DictURL', 'DictionaryService', 'MemoryDictionary', 'PORT', 'Reply',
           'Settings', 'Strategy', 'connect', 'format_text', 'is_atom', 'parse_banner',
           'parse_reply', 'parse_url', 'quoted', 'split_words']
