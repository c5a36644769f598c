# Copyright the carryall authors.  See LICENSE.
"""NNTP, server and client (RFC 3977).

    server      NNTPServer                  client      NNTPClient, connect
    newsroom    NewsRoom: what a server serves, and its policy
    store       ArticleStore, MemoryArticles, Filed, Found
    article     Article, parse_article ...  wildmat     Wildmat
"""
from __future__ import absolute_import, division, print_function

from carryall.protocols.nntp.article import (Article, article_date, check_relayed, date_field,
                                             group_name, is_message_id, newsgroups_of,
                                             parse_article, path_identities)
from carryall.protocols.nntp.articlestore import ArticleStore, Filed, Found, MemoryArticles
from carryall.protocols.nntp.client import Answer, NNTPClient, connect
from carryall.protocols.nntp.errors import BadArticle, NNTPError
from carryall.protocols.nntp.newsgroups import STATUSES, Group, GroupTable
from carryall.protocols.nntp.newsroom import (ACCEPTED, HAVE, LATER, REFUSED, WANTED, NewsRoom,
                                              RoomSettings, Verdict)
from carryall.protocols.nntp.overview import (FIELDS, overview_field, overview_row, parse_format,
                                              parse_overview)
from carryall.protocols.nntp.server import NNTPServer
from carryall.protocols.nntp.settings import PORT, TLS_PORT, ClientSettings, Settings
from carryall.protocols.nntp.wildmat import BadWildmat, Wildmat
from carryall.protocols.nntp.wire import (MAX_NUMBER, Reply, has_block, parse_date, parse_range,
                                          parse_reply)

__all__ = ['ACCEPTED', 'Answer', 'Article', 'BadArticle', 'ArticleStore', 'BadWildmat',
           'ClientSettings', 'FIELDS', 'Filed', 'Found', 'Group', 'GroupTable', 'HAVE', 'LATER',
           'MAX_NUMBER', 'MemoryArticles', 'NNTPClient', 'NNTPError', 'NNTPServer', 'NewsRoom',
           'PORT', 'REFUSED', 'Reply', 'RoomSettings', 'STATUSES', 'Settings', 'TLS_PORT',
           'Verdict', 'WANTED', 'Wildmat', 'article_date', 'check_relayed', 'connect',
           'date_field', 'group_name', 'has_block', 'is_message_id', 'newsgroups_of',
           'overview_field',
           'overview_row', 'parse_article', 'parse_date', 'parse_format', 'parse_overview',
           'parse_range', 'parse_reply', 'path_identities']
