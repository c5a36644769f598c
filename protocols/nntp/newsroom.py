# Copyright the carryall authors.  See LICENSE.
"""The newsroom: decides on each article that comes, and files it.

    room = NewsRoom(loop, MemoryArticles(), b'news.example')
    room.add_group(Group(b'misc.test'))
    verdict = yield room.post(octets, account=u'ann')       # a Verdict
    verdict = yield room.transfer(octets, b'<1@example>')

One newsroom is behind the servers of all listeners.  While an article is on its way to the disk,
another copy of it is put off: the article of two peers is filed once.

Not here: what a server says (server.py), and where articles are (articlestore.py).
Tests:    tests/protocols/nntp/test_newsroom.py
"""
from __future__ import absolute_import, division, print_function

import binascii

from carryall.core.compat import FAILURES, to_bytes
from carryall.core.crypto import crypto_of
from carryall.core.future import Return, coroutine
from carryall.core.logs import escape, get_logger
from carryall.core.records import Record, names_of
from carryall.protocols.nntp import cancellock
from carryall.protocols.nntp.article import (check_relayed, check_values, group_name, is_message_id,
                                             newsgroups_of, parse_article, path_identities)
from carryall.protocols.nntp.articlestore import Filed
from carryall.protocols.nntp.errors import BadArticle
from carryall.protocols.nntp.injection import control_of, injected, located, relayed
from carryall.protocols.nntp.newsgroups import (CLOSED, JUNKED, MODERATED, NO_POSTS, OPEN, Group,
                                                GroupTable)
from carryall.protocols.nntp.overview import overview_row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Set, Text, Tuple
    from carryall.protocols.nntp.article import Article
    from carryall.protocols.nntp.articlestore import ArticleStore

__all__ = ['ACCEPTED', 'HAVE', 'LATER', 'NewsRoom', 'REFUSED', 'RoomSettings', 'Verdict', 'WANTED']

# -- limits ------------------------------------------------------------------
MAX_PENDING = 10000         # articles that are on their way to the disk; more are put off
SECRET_OCTETS = 32          # of the secret behind Cancel-Lock

# What is said to an offer, and of an article.
WANTED = 'wanted'
HAVE = 'have'               # it was seen before
LATER = 'later'             # ask again: it is coming from another peer, or cannot be kept now
ACCEPTED = 'accepted'
REFUSED = 'refused'

ROWS = (
    ('posting', 'all', u'who may post: all, accounts or none'),
    ('cancels', 'locked', u'which cancels are obeyed: locked (with the key of the article),'
                          u' all or none'),
    ('admins', (), u'accounts whose newgroup and rmgroup are obeyed'),
    ('oldest', 10 * 86400.0, u'seconds since the date of an article of a peer; older ones are'
                             u' refused'),
    ('secret', None, u'octets that the keys of Cancel-Lock are made of; made up unless given'),
)

log = get_logger('news')


class RoomSettings(Record):
    """The policy of a newsroom; ``RoomSettings.rows`` describes each."""

    __slots__ = names_of(ROWS)
    rows = ROWS


class Verdict(object):
    """The end of an article that came.

    Args:     kind: ACCEPTED, HAVE, LATER or REFUSED.
              text: the reason, ASCII octets.
              message_id: of the article.
    """

    __slots__ = ('kind', 'text', 'message_id')

    def __init__(self, kind, text=b'', message_id=b''):
        # type: (str, bytes, bytes) -> None
        self.kind = kind
        self.text = text
        self.message_id = message_id


class NewsRoom(object):
    """The groups and articles of a server.

    Args:     store: an ArticleStore.
              hostname: our name in Path and Xref.
              settings: a RoomSettings.
              portal, guard: of the logins; may be None.

    Attributes:
        groups: a GroupTable.
        motd: lines of LIST MOTD.
        subscriptions: wildmats of the groups that new readers are offered, octets.
        distributions: (name, description).
        distrib_pats: (weight, wildmat, value).
        admits: called with the host of a client; true if it is served.
        may_feed: called with the host of a client and its account or None; true if it may offer
            articles.
        moderate: called with an Article and the Group it needs approval for; a Future of None once
            the mail is on its way.  None: there is no mail.
        listeners: called with an Article and its [(Group, number)] once it is kept.
    """

    def __init__(self, loop, store, hostname, settings=None, portal=None, guard=None):
        # type: (Any, ArticleStore, bytes, Optional[RoomSettings], Any, Any) -> None
        self.loop = loop
        self.store = store
        self.hostname = hostname
        self.settings = RoomSettings() if settings is None else settings
        self.portal = portal
        self.guard = guard
        self.groups = GroupTable()
        self.motd = []              # type: List[bytes]
        self.subscriptions = []     # type: List[bytes]
        self.distributions = []     # type: List[Tuple[bytes, bytes]]
        self.distrib_pats = []      # type: List[Tuple[int, bytes, bytes]]
        self.admits = _everybody    # type: Any
        self.may_feed = _nobody     # type: Any
        self.moderate = None        # type: Any
        self.listeners = []         # type: List[Any]
        self._pending = set()       # type: Set[bytes]
        self._crypto = crypto_of(loop)
        self._secret = self.settings.secret or self._crypto.random(SECRET_OCTETS)

    # -- groups --------------------------------------------------------------

    def add_group(self, group):
        # type: (Group) -> Any
        """Makes a group; a Future of None, once it is kept.

        Raises:   ValueError: it is there, or there are too many.
        """
        self.groups.add(group)
        return self.store.save_group(group)

    def remove_group(self, name):
        # type: (bytes) -> Any
        """Takes a group away, and its articles that are in no other; a Future of None."""
        self.groups.remove(name)
        return self.store.remove_group(name)

    # -- offers --------------------------------------------------------------

    def may_post(self, account):
        # type: (Any) -> bool
        """True if a client may post that has logged in as *account*, or has not: None."""
        posting = self.settings.posting
        return posting == 'all' or posting == 'accounts' and account is not None

    @coroutine
    def wanted(self, message_id):
        # type: (bytes) -> Any
        """A Future of WANTED, HAVE or LATER, for an article that a peer offers."""
        if message_id in self._pending or len(self._pending) >= MAX_PENDING:
            raise Return(LATER)
        known = yield self.store.knows(message_id)
        raise Return(HAVE if known else WANTED)

    @coroutine
    def transfer(self, octets, message_id, hosts=()):
        # type: (bytes, bytes, Sequence[bytes]) -> Any
        """Files an article that a peer sends; a Future of a Verdict.

        Args:     message_id: under which the peer has offered it.
        """
        now = self.loop.wall()
        if message_id in self._pending or len(self._pending) >= MAX_PENDING:
            raise Return(Verdict(LATER, b'On its way already', message_id))
        self._pending.add(message_id)
        try:
            known = yield self.store.knows(message_id)
            if known:
                raise Return(Verdict(HAVE, b'Duplicate', message_id))
            try:
                article = parse_article(octets)
                check_relayed(article, now, now - self.settings.oldest)
                if article.message_id != message_id:
                    raise BadArticle(u'Another Message-ID than offered')
                if self.hostname.lower() in path_identities(article):
                    raise BadArticle(u'Our name is in the Path')
                article = relayed(article, self.hostname)
                groups = self._groups_of(article, None)
            except BadArticle as exc:
                yield self.store.forbid(message_id, now)
                raise Return(Verdict(REFUSED, _said(exc), message_id))
            verdict = yield self._file(article, groups, now)
            raise Return(verdict)
        finally:
            self._pending.discard(message_id)

    @coroutine
    def post(self, octets, account=None, recommended=None):
        # type: (bytes, Optional[Text], Optional[bytes]) -> Any
        """Files an article that a person posts; a Future of a Verdict.

        Args:     account: the login of the person.
                  recommended: the message-id of an article that has none.
        """
        now = self.loop.wall()
        message_id = recommended or self.make_message_id()
        try:
            article = parse_article(octets)
            message_id = article.message_id or message_id
            if not is_message_id(message_id):
                raise BadArticle(u'Invalid Message-ID')
            article = injected(article, self.hostname, now, message_id,
                               None if account is None else account.encode('utf-8'),
                               self._locks(article, account, message_id))
            check_values(article, now)
            groups = self._groups_of(article, account, True)
        except BadArticle as exc:
            raise Return(Verdict(REFUSED, _said(exc), message_id))
        waiting = [group for group in groups if group.status == MODERATED]
        if waiting and (article.get(b'approved') is None or account is None):
            verdict = yield self._ask_moderator(article, waiting[0])
            raise Return(verdict)
        if message_id in self._pending or len(self._pending) >= MAX_PENDING:
            raise Return(Verdict(HAVE, b'435 Duplicate', message_id))
        self._pending.add(message_id)
        try:
            known = yield self.store.knows(message_id)
            if known:
                raise Return(Verdict(HAVE, b'435 Duplicate', message_id))
            verdict = yield self._file(article, groups, now, account)
            raise Return(verdict)
        finally:
            self._pending.discard(message_id)

    def make_message_id(self):
        # type: () -> bytes
        """A message-id that no article has."""
        unique = binascii.hexlify(self._crypto.random(12))
        return b'<' + unique + b'@' + self.hostname + b'>'

    # -- filing --------------------------------------------------------------

    def _groups_of(self, article, account, posted=False):
        # type: (Article, Optional[Text], bool) -> List[Group]
        """The groups that an article is filed in.

        Raises:   BadArticle: none of them is here, or no one may post there.
        """
        control = control_of(article)
        if control is not None:
            if posted and control.verb in (b'newgroup', b'rmgroup') \
                    and account not in self.settings.admins:
                raise BadArticle(u'Not an administrator')
            # RFC 5537 section 5: in a group of their own, whatever Newsgroups says.
            names = [b'control.' + control.verb, b'control']
            found = [self.groups.get(name) for name in names]
            return [group for group in found if group is not None][:1]
        groups = []                 # type: List[Group]
        for name in newsgroups_of(article):
            group = self.groups.get(name)
            if group is None or group.status == CLOSED:
                continue
            if posted and group.status in (NO_POSTS, JUNKED):
                raise BadArticle(u'No posts to %s' % name.decode('ascii', 'replace'))
            if not posted and group.status == MODERATED and article.get(b'approved') is None:
                raise BadArticle(u'Unapproved article in a moderated group')
            if group.status == JUNKED:
                group = self.groups.get(b'junk')
                if group is None:
                    continue
            if group not in groups:
                groups.append(group)
        if not groups:
            raise BadArticle(u'No such newsgroup here')
        return groups

    @coroutine
    def _file(self, article, groups, now, account=None):
        # type: (Article, Sequence[Group], float, Optional[Text]) -> Any
        """Gives an article its numbers, and keeps it; a Future of a Verdict."""
        places = [(group, group.take_number()) for group in groups]
        if places:
            article = located(article, self.hostname,
                              [(group.name, number) for group, number in places])
        filed = Filed(article.message_id, article.octets, places, overview_row(article), now)
        try:
            yield self.store.add(filed)
        except FAILURES as exc:
            log.error('%s could not be kept: %s', escape(article.message_id), exc)
            raise Return(Verdict(LATER, b'The article cannot be kept now', article.message_id))
        for group, number in places:
            group.came(number)
        try:
            yield self._obey(article, now, account)
        except FAILURES as exc:     # the article itself is kept
            log.error('the order in %s failed: %s', escape(article.message_id), exc)
        for listener in self.listeners:
            listener(article, places)
        raise Return(Verdict(ACCEPTED, b'', article.message_id))

    @coroutine
    def _ask_moderator(self, article, group):
        # type: (Article, Group) -> Any
        if self.moderate is None:
            raise Return(Verdict(REFUSED, b'The group is moderated, and mail is not set up'))
        try:
            yield self.moderate(article, group)
        except FAILURES as exc:
            log.error('the moderator of %s cannot be reached: %s', escape(group.name), exc)
            raise Return(Verdict(LATER, b'The moderator cannot be reached now'))
        raise Return(Verdict(ACCEPTED, b'Mailed to the moderator', article.message_id))

    # -- cancels and groups --------------------------------------------------

    def _locks(self, article, account, message_id):
        # type: (Article, Optional[Text], bytes) -> List[bytes]
        """The Cancel-Lock of an account's article, and the Cancel-Key of its cancels."""
        if account is None:
            return []
        user = account.encode('utf-8')
        found = []                  # type: List[bytes]
        if article.get(b'cancel-lock') is None:
            key = cancellock.key_of(self._crypto, self._secret, user, message_id)
            found.append(b'Cancel-Lock: ' + cancellock.lock_of(self._crypto, key))
        target = self._target(article)
        if target is not None and article.get(b'cancel-key') is None:
            key = cancellock.key_of(self._crypto, self._secret, user, target)
            found.append(b'Cancel-Key: sha256:' + key)
        return found

    @staticmethod
    def _target(article):
        # type: (Article) -> Optional[bytes]
        """The message-id of the article that this one takes back."""
        control = control_of(article)
        if control is None:
            return article.get(b'supersedes') or None
        if control.verb == b'cancel' and len(control.words) == 1:
            return control.words[0]
        return None

    @coroutine
    def _obey(self, article, now, account):
        # type: (Article, float, Optional[Text]) -> Any
        """Does as a control message or Supersedes says, if the policy allows it."""
        target = self._target(article)
        if target is not None and is_message_id(target):
            yield self._cancel(article, target, now)
        control = control_of(article)
        if control is not None and account is not None and account in self.settings.admins:
            yield self._change_groups(control, article, now)

    @coroutine
    def _cancel(self, article, target, now):
        # type: (Article, bytes, float) -> Any
        policy = self.settings.cancels
        if policy == 'none':
            raise Return(None)
        found = yield self.store.by_id(target)
        if found is None:
            if policy == 'all':     # it may still come
                yield self.store.forbid(target, now)
            raise Return(None)
        if policy == 'locked':
            locks = parse_article(found.octets).get(b'cancel-lock') or b''
            if not cancellock.opens(self._crypto, article.get(b'cancel-key') or b'', locks):
                log.info('%s has no key to %s', escape(article.message_id), escape(target))
                raise Return(None)
        yield self.cancel(target)
        log.info('%s was cancelled by %s', escape(target), escape(article.message_id))

    @coroutine
    def cancel(self, message_id):
        # type: (bytes) -> Any
        """Takes an article away; a Future of true if it was there."""
        gone = yield self.store.remove(message_id)
        for name, _, low in gone:
            group = self.groups.get(name)
            if group is not None:
                group.went(low)
        raise Return(bool(gone))

    @coroutine
    def _change_groups(self, control, article, now):
        # type: (Any, Article, float) -> Any
        """newgroup and rmgroup (RFC 5537 section 5.2)."""
        name = control.words[0] if control.words else b''
        if not group_name(name):
            raise Return(None)
        group = self.groups.get(name)
        if control.verb == b'rmgroup' and group is not None:
            yield self.remove_group(name)
        elif control.verb == b'newgroup':
            status = MODERATED if b'moderated' in control.words[1:] else OPEN
            if group is None:
                creator = article.get(b'sender') or article.get(b'from') or b''
                yield self.add_group(Group(name, status, _description(article, name), b'',
                                           int(now // 1), creator))
            else:
                group.status = status
                yield self.store.save_group(group)
        raise Return(None)


def _description(article, name):
    # type: (Article, bytes) -> bytes
    """The text behind the name in the body of a newgroup (RFC 5537 section 5.2.1)."""
    for line in article.body.split(b'\r\n')[:200]:
        word, tab, text = line.partition(b'\t')
        if tab and word == name:
            return text.strip()[:400]
    return b''


def _said(exc):
    # type: (BadArticle) -> bytes
    """The reason in ASCII octets."""
    return to_bytes(u'%s' % exc)


def _everybody(host):
    # type: (str) -> bool
    return True


def _nobody(host, account):
    # type: (str, Optional[Text]) -> bool
    return False
