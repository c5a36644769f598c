# Copyright the carryall authors.  See LICENSE.
"""The web site of the chat space: accounts, groups, a chat page, and administration.

    GET  /                      the way in
    GET  /create  POST          makes an account; a few in an hour for each address
    GET  /login /logout         as formlogin.py has them
    GET  /users /users/NAME     participants; POST /contact
    GET  /groups                groups
    GET  /chat?group=NAME POST  one group: live by a WebSocket at /socket, or by loading it again
    GET  /search?words=TEXT     messages
    GET  /account POST          another password
    GET  /admin POST            accounts, groups, bots and the audit log, for administrators

Every form has a token of its session, and forms of other sites are refused.

Tests:    tests/services/words/test_chatsite.py
"""
from __future__ import absolute_import, division, print_function

from carryall.core.auth.credentials import LoginFailed, LoginUnavailable, UsernamePassword
from carryall.core.codec.numbers import decimal_text
from carryall.core.codec.uri import parse_query, percent_decode
from carryall.core.crypto import STANDARD
from carryall.core.database import Error
from carryall.core.future import Return, as_future, coroutine
from carryall.core.logs import get_logger
from carryall.core.net.ip import is_loopback, source_of
from carryall.core.ratelimit import KeyedRateLimit
from carryall.protocols.http import HTTPError, Response
from carryall.protocols.http.forms import FormLimits, read_form
from carryall.protocols.websocket import Settings, WebSocketServer
from carryall.services.web.errorpage import error_response, no_method
from carryall.services.web.formlogin import FormDoor
from carryall.services.web.htmlpage import escape
from carryall.services.web.pathrules import EVERY_ACCOUNT, PathRules
from carryall.services.web.sessions import MemoryStore, Sessions
from carryall.services.words.chaterrors import NotAllowedError, WordsError
from carryall.services.words.chatnames import folded
from carryall.services.words.chatpages import (chat_page, form, hidden, moment, page, page_headers,
                                               path_of, status_of, table, transcript)
from carryall.services.words.wordssocket import MAX_MESSAGE, ChatSocket
from carryall.services.words.chatspace import EMOTE, OFFLINE, ChatSession

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional
    from carryall.core.auth.guard import LoginGuard
    from carryall.services.words.chataccounts import AccountBook
    from carryall.services.words.chatspace import ChatSpace, Participant

__all__ = ['ChatSite']

# -- limits ------------------------------------------------------------------
FORM_LIMITS = FormLimits(total=32768, part=0, fields=32768, parts=16, headers=1024)
ACCOUNTS_AN_HOUR = 5        # that one address makes
VISIT_SECONDS = 120.0       # for which a browser without a script is online behind a request
SHOWN = 50                  # messages of a page
LISTED = 500                # rows of a list
MAX_PAGE = 100000

GUARDED = [(path, EVERY_ACCOUNT) for path in (
    b'/users', b'/groups', b'/chat', b'/socket', b'/account', b'/admin', b'/contact', b'/search')]
OPEN_LINKS = [(u'/', u'Home'), (u'/create', u'Make an account'), (u'/login', u'Log in')]
LINKS = [(u'/', u'Home'), (u'/groups', u'Groups'), (u'/users', u'People'), (u'/search', u'Search'),
         (u'/account', u'Account')]
STORE_FAULT = u'This could not be kept.  Try again later.'

log = get_logger('words')


class _Visit(ChatSession):
    """The presence of a browser without a script, for a while behind each request."""

    protocol = u'web'

    def __init__(self):
        # type: () -> None
        self.timer = None           # type: Any


class ChatSite(object):
    """The application of the site.

    Args:     space: a ChatSpace.
              book: the AccountBook.
              guard: a LoginGuard.
              shows_clear: passwords may come without TLS from other machines.
              creates: visitors may make accounts.
              bots: has ``names()`` (pairs of a name and a state) and ``set_running(name, bool)``,
                    a Future; None without bots.
    """

    def __init__(self, space, book, loop, guard, shows_clear=False, creates=True, bots=None):
        # type: (ChatSpace, AccountBook, Any, LoginGuard, bool, bool, Any) -> None
        self._space = space
        self._book = book
        self._loop = loop
        self._guard = guard
        self._clear = shows_clear
        self._creates = creates
        self._bots = bots
        self._rate = KeyedRateLimit(loop, ACCOUNTS_AN_HOUR / 3600.0, ACCOUNTS_AN_HOUR)
        self._visits = {}           # type: Dict[str, _Visit]
        self._sockets = WebSocketServer(self._socket, loop, Settings(message_bytes=MAX_MESSAGE))
        sessions = Sessions(MemoryStore(loop), loop)
        door = FormDoor(PathRules(GUARDED), book, sessions, loop, guard, shows_clear)
        self._app = door.protect(self._route)
        self._pages = {
            b'/': self._home, b'/create': self._create, b'/users': self._users,
            b'/groups': self._groups, b'/chat': self._chat, b'/search': self._search,
            b'/account': self._account, b'/admin': self._admin, b'/contact': self._contact,
        }

    def __call__(self, request):
        # type: (Any) -> Any
        """The Response to a request, or a Future of it."""
        if not self._space.ready.done():
            return self._space.ready.then(lambda _: self(request), lambda _: self._fault(request))
        if self._space.ready.exception() is not None:
            return self._fault(request)
        return self._app(request)

    @staticmethod
    def _fault(request):
        # type: (Any) -> Response
        return error_response(request, 503, [(b'Retry-After', b'5')])

    # -- routes ------------------------------------------------------------------------

    def _route(self, request):
        # type: (Any) -> Any
        path = request.path
        if path == b'/socket':
            return self._sockets(request)
        if path.startswith(b'/users/'):
            found = self._user            # type: Any
        else:
            found = self._pages.get(path)
        if found is None:
            return error_response(request, 404)
        if request.method not in (b'GET', b'HEAD', b'POST'):
            return no_method(request, (b'GET', b'HEAD', b'POST'))
        return self._answer(request, found)

    @coroutine
    def _answer(self, request, found):
        # type: (Any, Any) -> Any
        sent = None
        if request.method == b'POST':
            try:
                sent = yield read_form(request, limits=FORM_LIMITS)
            except HTTPError as exc:
                raise Return(error_response(request, exc.reply or 400))
            sent = dict(reversed(sent.fields))      # the first of several counts
            if not _is_ours(request, sent.get(u'token', u'')):
                raise Return(error_response(request, 403))
        response = yield as_future(found(request, sent))
        raise Return(response)

    def _socket(self, request):
        # type: (Any) -> ChatSocket
        return ChatSocket(self._space, self._space.participant(request.user))

    def _me(self, request):
        # type: (Any) -> Participant
        return self._space.participant(request.user)

    def _page(self, request, title, body, status=200, scripted=False):
        # type: (Any, str, str, int, bool) -> Response
        """A page with the navigation of its visitor."""
        links = OPEN_LINKS
        if not self._creates:
            links = [OPEN_LINKS[0], OPEN_LINKS[2]]
        if request.user is not None:
            links = LINKS
            if self._me(request).is_admin:
                links = LINKS + [(u'/admin', u'Administration')]
            body += (u'<p class="quiet">You are %s.</p>\n%s'
                     % (escape(request.user), form(u'/logout', u'', u'', u'Log out')))
        here = request.path.decode('latin-1')
        return Response(status, page_headers(), page(title, body, links, here, u'Words', scripted))

    @staticmethod
    def _query(request):
        # type: (Any) -> Dict[str, str]
        pairs = parse_query(request.target.partition(b'?')[2], 16) or ()
        return dict((key.decode('utf-8', 'replace'), value.decode('utf-8', 'replace'))
                    for key, value in pairs)

    # -- the way in ----------------------------------------------------------------------

    def _home(self, request, sent):
        # type: (Any, Any) -> Response
        space = self._space
        body = (u'<h1>Words</h1>\n<section>\n<p>One chat for the web, IRC and Perspective Broker. '
                u'%d participants, %d online, %d groups.</p>\n'
                % (len(space.participants), space.online, len(space.groups)))
        if request.user is None:
            body += u'<p><a href="/login">Log in</a>'
            if self._creates:
                body += u', or <a href="/create">make an account</a>'
            body += (u'.  With IRC your nick is your name, and NickServ asks for your password.'
                     u'</p>\n')
        else:
            body += _join_form(request)
        return self._page(request, u'Words', body + u'</section>\n')

    @coroutine
    def _create(self, request, sent):
        # type: (Any, Any) -> Any
        host = _host_of(request)
        if not self._creates or not self._may_show(request, host):
            raise Return(error_response(request, 403))
        if sent is None:
            raise Return(self._page(request, u'Make an account', _create_form(request, {}, u'')))
        name = sent.get(u'name', u'')
        password = sent.get(u'password', u'')
        problem = u''
        if password != sent.get(u'again', u''):
            problem = u'The two passwords differ.'
        elif not self._rate.take(source_of(host)):
            raise Return(error_response(request, 429, [(b'Retry-After', b'3600')]))
        else:
            problem = yield self._problem(self._book.create(
                name, password.encode('utf-8'), self._loop, sent.get(u'email', u'')))
        if problem:
            raise Return(self._page(request, u'Make an account',
                                    _create_form(request, sent, problem), 400))
        yield self._note(name, u'made the account from %s' % (host or u'this machine'))
        raise Return(self._page(
            request, u'Account made', u'<h1>Account made</h1>\n<section>\n<p class="done">The '
            u'account <b>%s</b> is there.  <a href="/login">Log in</a>, here or with IRC.</p>\n'
            u'</section>\n' % escape(name)))

    def _may_show(self, request, host):
        # type: (Any, str) -> bool
        """True if a password may be sent on this connection."""
        return self._clear or not host or is_loopback(host) or request.tls is not None

    @coroutine
    def _problem(self, done):
        # type: (Any) -> Any
        """A Future of the reason for which a change was refused; u'' if it was made."""
        try:
            yield as_future(done)
        except (WordsError, LoginUnavailable) as exc:
            raise Return(u'%s' % exc)
        except Error as exc:
            log.error('a change of the chat space could not be kept: %s', exc)
            raise Return(STORE_FAULT)
        raise Return(u'')

    @coroutine
    def _try(self, act, *args):
        # type: (Any, *Any) -> Any
        """The same for a call that may refuse at once."""
        try:
            done = act(*args)
        except WordsError as exc:
            raise Return(u'%s' % exc)
        problem = yield self._problem(done)
        raise Return(problem)

    def _note(self, actor, deed):
        # type: (str, str) -> Any
        return self._problem(self._space.store.note(self._loop.wall(), actor, deed))

    # -- people --------------------------------------------------------------------------------

    def _users(self, request, sent):
        # type: (Any, Any) -> Response
        known = self._space.participants
        wanted = folded(self._query(request).get(u'name', u''))
        keys = [key for key in sorted(known) if wanted in key]
        rows = [(u'<a href="%s">%s</a>' % (escape(path_of(u'users', known[key].name)),
                                           escape(known[key].name)), status_of(known[key]))
                for key in keys[:LISTED]]
        body = (u'<h1>People</h1>\n<section>\n<form class="row"><input name="name" '
                u'aria-label="Name" value="%s"><button>Find</button></form>\n%s</section>\n'
                % (escape(wanted), table([u'Name', u'Status'], rows)))
        return self._page(request, u'People', body)

    @coroutine
    def _user(self, request, sent):
        # type: (Any, Any) -> Any
        name = (percent_decode(request.path[len(b'/users/'):]) or b'').decode('utf-8', 'replace')
        found = self._space.participants.get(folded(name))
        if found is None:
            raise Return(error_response(request, 404))
        me = self._me(request)
        token = request.session.token
        rows = [(u'Status', status_of(found)), (u'Account since', moment(found.created))]
        if found.status != OFFLINE:
            rows.append((u'Online since', moment(found.since)))
            rows.append((u'By', escape(u', '.join(sorted(set(
                each.protocol for each in found.sessions))))))
            rows.append((u'Last heard', moment(found.spoke_at)))
        is_contact = found.key in me.contacts
        messages = yield self._space.direct_history(me, found.name, None, SHOWN)
        body = u'<h1>%s</h1>\n<section>\n%s%s</section>\n' % (
            escape(found.name), table([u'', u''], [(escape(head), cell) for head, cell in rows]),
            form(u'/contact', token, hidden(u'name', found.name)
                 + hidden(u'add', u'no' if is_contact else u'yes'),
                 u'Remove from contacts' if is_contact else u'Add to contacts'))
        body += u'<section>\n<h2>Messages</h2>\n<ul class="plain">\n%s</ul>\n%s</section>\n' % (
            transcript(messages), form(
                u'/chat', token, hidden(u'to', found.name)
                + u'<input name="text" aria-label="Message" maxlength="4000" autocomplete="off">\n',
                u'Send', u'row', True))
        raise Return(self._page(request, found.name, body))

    @coroutine
    def _contact(self, request, sent):
        # type: (Any, Any) -> Any
        if sent is None:
            raise Return(no_method(request, (b'POST',)))
        name = sent.get(u'name', u'')
        act = self._space.remove_contact if sent.get(u'add') == u'no' else self._space.add_contact
        problem = yield self._try(act, self._me(request), name)
        raise Return(self._redirect(path_of(u'users', name)) if not problem
                     else self._refusal(request, problem))

    # -- groups and messages ------------------------------------------------------------------

    def _groups(self, request, sent):
        # type: (Any, Any) -> Response
        groups = sorted(self._space.groups.values(), key=lambda each: each.key)[:LISTED]
        rows = [(u'<a href="%s">%s</a>' % (_chat_path(group.name), escape(group.name)),
                 u'%d' % len(group.members), escape(group.topic)) for group in groups]
        body = u'<h1>Groups</h1>\n<section>\n%s%s</section>\n' % (
            _join_form(request), table([u'Name', u'Members', u'Topic'], rows))
        return self._page(request, u'Groups', body)

    @coroutine
    def _chat(self, request, sent):
        # type: (Any, Any) -> Any
        me = self._me(request)
        values = self._query(request) if sent is None else sent
        self._visit(me)
        if sent is not None and u'to' in sent:
            problem = yield self._try(self._space.direct_message, me, sent.get(u'to', u''),
                                      sent.get(u'text', u''))
            raise Return(self._redirect(path_of(u'users', sent.get(u'to', u'')))
                         if not problem else self._refusal(request, problem))
        name = values.get(u'group', u'')
        try:
            group = self._space.join(me, name)
        except WordsError as exc:
            raise Return(self._refusal(request, u'%s' % exc))
        if sent is not None:
            text = sent.get(u'text', u'')
            metadata = {}
            if text.startswith(u'/me '):
                text = text[4:]
                metadata = {u'style': EMOTE}
            problem = yield self._try(self._space.group_message, me, group.name, text, metadata)
            raise Return(self._redirect(_chat_path(group.name)) if not problem
                         else self._refusal(request, problem))
        messages = yield self._space.history(me, group.name, None, SHOWN)
        body = chat_page(group, messages, request.session.token)
        raise Return(self._page(request, group.name, body, scripted=True))

    def _visit(self, participant):
        # type: (Participant) -> None
        """Has a participant online for a while."""
        visit = self._visits.get(participant.key)
        if visit is None:
            visit = _Visit()
            self._space.attach(participant, visit)
            self._visits[participant.key] = visit
        else:
            visit.timer.cancel()
        visit.timer = self._loop.call_later(VISIT_SECONDS, self._end_visit, participant)

    def _end_visit(self, participant):
        # type: (Participant) -> None
        visit = self._visits.pop(participant.key, None)
        if visit is not None:
            visit.timer.cancel()
            self._space.detach(participant, visit)

    @coroutine
    def _search(self, request, sent):
        # type: (Any, Any) -> Any
        words = self._query(request).get(u'words', u'')
        found = u''
        if words.strip():
            rows = yield self._space.search(self._me(request), words, SHOWN)
            found = u'<p>%d messages</p>\n<ul class="plain">\n%s</ul>\n' % (
                len(rows), u''.join(u'<li>%s %s <b>%s</b>: %s</li>\n' % (
                    moment(row.at), escape(row.place), escape(row.sender), escape(row.text))
                    for row in rows))
        body = (u'<h1>Search</h1>\n<section>\n<p class="quiet">In the groups that you are in, and '
                u'in your own messages.</p>\n<form class="row"><input name="words" type="search" '
                u'aria-label="Words" value="%s"><button>Search</button></form>\n%s</section>\n'
                % (escape(words), found))
        raise Return(self._page(request, u'Search', body))

    # -- account --------------------------------------------------------------------------------

    @coroutine
    def _account(self, request, sent):
        # type: (Any, Any) -> Any
        me = self._me(request)
        said = u''
        status = 200
        if sent is not None:
            problem = yield self._change_password(request, me, sent)
            status = 400 if problem else 200
            said = _said(problem, u'The password is changed.  Log in again.')
        fields = _field(u'Present password', u'old', u'password', u'current-password') \
            + _field(u'New password', u'password', u'password', u'new-password') \
            + _field(u'New password again', u'again', u'password', u'new-password')
        contacts = u''.join(u'<li><a href="%s">%s</a></li>\n' % (
            escape(path_of(u'users', key)), escape(self._space.participants[key].name))
            for key in me.contacts)
        body = (u'<h1>Account</h1>\n%s<section>\n<h2>Password</h2>\n%s</section>\n<section>\n'
                u'<h2>Contacts</h2>\n<ul class="plain">\n%s</ul>\n</section>\n'
                % (said, form(u'/account', request.session.token, fields, u'Change password'),
                   contacts))
        raise Return(self._page(request, u'Account', body, status))

    @coroutine
    def _change_password(self, request, me, sent):
        # type: (Any, Participant, Any) -> Any
        """A Future of the reason for which the password stays; u'' if it is another."""
        host = _host_of(request)
        if self._guard.refused(host):
            raise Return(u'There were too many wrong passwords.')
        if sent.get(u'password', u'') != sent.get(u'again', u''):
            raise Return(u'The two passwords differ.')
        credentials = UsernamePassword(me.name, sent.get(u'old', u'').encode('utf-8'))
        credentials.host = host
        try:
            yield self._book.check(credentials, self._loop)
        except LoginFailed:
            self._guard.failed(host)
            raise Return(u'The present password is wrong.')
        except LoginUnavailable:
            raise Return(STORE_FAULT)
        problem = yield self._problem(self._book.set_password(
            me, sent.get(u'password', u'').encode('utf-8'), self._loop))
        raise Return(problem)

    # -- administration ------------------------------------------------------------------------

    @coroutine
    def _admin(self, request, sent):
        # type: (Any, Any) -> Any
        me = self._me(request)
        if not me.is_admin:
            raise Return(error_response(request, 403))
        said = u''
        if sent is not None:
            problem = yield self._try(self._administer, me, sent)
            said = _said(problem, u'Done.')
        lines = yield self._space.store.audit(SHOWN)
        body = u'<h1>Administration</h1>\n%s%s%s%s<section>\n<h2>Audit log</h2>\n%s</section>\n' % (
            said, self._admin_accounts(request), self._admin_groups(request),
            self._admin_bots(request),
            table([u'Time', u'By', u'Deed'], [(moment(at), escape(actor), escape(deed))
                                              for at, actor, deed in lines]))
        raise Return(self._page(request, u'Administration', body))

    def _admin_accounts(self, request):
        # type: (Any) -> str
        token = request.session.token
        query = self._query(request)
        wanted = folded(query.get(u'name', u''))
        first = decimal_text(query.get(u'from', u''), MAX_PAGE) or 0
        known = self._space.participants
        keys = [key for key in sorted(known) if wanted in key]
        rows = []                   # type: List[Any]
        for key in keys[first:first + SHOWN]:
            one = known[key]
            words = u'Allow' if one.is_barred else u'Bar'
            rights = u'Take rights' if one.is_admin else u'Make administrator'
            rows.append((
                escape(one.name), status_of(one), u'yes' if one.is_admin else u'',
                escape(one.email), _deed(token, u'bar', one.name, words)
                + _deed(token, u'rights', one.name, rights)
                + _deed(token, u'remove', one.name, u'Remove')))
        more = u''
        if first + SHOWN < len(keys):
            more = u'<p><a href="/admin?from=%d&amp;name=%s">More accounts</a></p>\n' % (
                first + SHOWN, path_of(wanted)[1:])
        fields = _field(u'Name', u'name', u'text', u'off') \
            + _field(u'New password', u'password', u'password', u'new-password')
        return (u'<section>\n<h2>Accounts</h2>\n<form class="row"><input name="name" '
                u'aria-label="Name" value="%s"><button>Find</button></form>\n%s%s'
                u'<h2>Give a password</h2>\n%s</section>\n'
                % (escape(wanted),
                   table([u'Name', u'Status', u'Administrator', u'Mail', u''], rows), more,
                   form(u'/admin', token, hidden(u'deed', u'password') + fields, u'Set password')))

    def _admin_groups(self, request):
        # type: (Any) -> str
        token = request.session.token
        groups = sorted(self._space.groups.values(), key=lambda each: each.key)[:LISTED]
        rows = [(escape(group.name), u'%d' % len(group.members),
                 escape(u', '.join(sorted(group.banned))),
                 _deed(token, u'drop', group.name, u'Remove')) for group in groups]
        fields = _field(u'Group', u'group', u'text', u'off') \
            + _field(u'Participant', u'name', u'text', u'off')
        return (u'<section>\n<h2>Groups</h2>\n%s<h2>Ban from a group</h2>\n%s%s</section>\n'
                % (table([u'Name', u'Members', u'Banned', u''], rows),
                   form(u'/admin', token, hidden(u'deed', u'ban') + fields, u'Ban'),
                   form(u'/admin', token, hidden(u'deed', u'lift') + fields, u'Lift the ban')))

    def _admin_bots(self, request):
        # type: (Any) -> str
        if self._bots is None:
            return u''
        token = request.session.token
        rows = [(escape(name), escape(state), _deed(token, u'start', name, u'Start')
                 + _deed(token, u'stop', name, u'Stop')) for name, state in self._bots.names()]
        return u'<section>\n<h2>Bots</h2>\n%s</section>\n' % table([u'Name', u'State', u''], rows)

    @coroutine
    def _administer(self, me, sent):
        # type: (Participant, Any) -> Any
        """Does what an administrator has asked for, and notes it."""
        deed = sent.get(u'deed', u'')
        name = sent.get(u'name', u'')
        space = self._space
        if deed in (u'start', u'stop'):
            if self._bots is None:
                raise NotAllowedError(u'There are no bots.')
            yield as_future(self._bots.set_running(name, deed == u'start'))
        elif deed == u'drop':
            yield space.remove_group(name)
        else:
            one = space.participant(name)
            if one is me and deed in (u'bar', u'rights', u'remove'):
                raise NotAllowedError(u'You cannot do that to your own account.')
            yield as_future(self._change_account(deed, one, sent))
        yield space.store.note(self._loop.wall(), me.name, u'%s %s %s' % (
            deed, name, sent.get(u'group', u'')))

    def _change_account(self, deed, one, sent):
        # type: (str, Participant, Any) -> Any
        space = self._space
        if deed == u'bar':
            one.is_barred = not one.is_barred
            return space.keep_participant(one)
        if deed == u'rights':
            one.is_admin = not one.is_admin
            return space.keep_participant(one)
        if deed == u'remove':
            return space.remove_participant(one)
        if deed == u'password':
            return self._book.set_password(one, sent.get(u'password', u'').encode('utf-8'),
                                           self._loop)
        if deed in (u'ban', u'lift'):
            return space.ban(sent.get(u'group', u''), one, deed == u'ban')
        raise NotAllowedError(u'There is no such deed.')

    # -- answers -------------------------------------------------------------------------------

    @staticmethod
    def _redirect(path):
        # type: (str) -> Response
        return Response(303, [(b'Location', path.encode('ascii'))])

    def _refusal(self, request, problem):
        # type: (Any, str) -> Response
        return self._page(request, u'Not done', u'<h1>Not done</h1>\n%s' % _said(problem, u''), 400)

    def close(self):
        # type: () -> None
        """Ends the presence of browsers without a script."""
        for key in list(self._visits):
            participant = self._space.participants.get(key)
            if participant is None:
                self._visits.pop(key).timer.cancel()
            else:
                self._end_visit(participant)


def _is_ours(request, token):
    # type: (Any, str) -> bool
    """True if the token is that of the session."""
    known = request.session.token
    return STANDARD.equal(STANDARD.hash('sha256', known.encode('utf-8')),
                          STANDARD.hash('sha256', token.encode('utf-8')))


def _host_of(request):
    # type: (Any) -> str
    """The numeric address of the client; '' if it has none."""
    address = request.peer
    return address.host if address is not None and address.port is not None else ''


# -- parts of pages --------------------------------------------------------------------------

def _said(problem, otherwise):
    # type: (str, str) -> str
    return u'<p class="%s" role="alert">%s</p>\n' % (u'error' if problem else u'done',
                                                    escape(problem or otherwise))


def _field(words, name, kind, complete, value=u'', more=u''):
    # type: (str, str, str, str, str, str) -> str
    return (u'<label>%s<input name="%s" type="%s" autocomplete="%s" value="%s"%s></label>\n'
            % (escape(words), name, kind, complete, escape(value), more))


def _create_form(request, sent, problem):
    # type: (Any, Any, str) -> str
    fields = _field(u'Name', u'name', u'text', u'username', sent.get(u'name', u''),
                    u' required maxlength="32" autofocus') \
        + _field(u'Password, of at least 8 characters', u'password', u'password', u'new-password',
                 u'', u' required minlength="8"') \
        + _field(u'Password again', u'again', u'password', u'new-password', u'', u' required') \
        + _field(u'Address of mail, if you like', u'email', u'email', u'email',
                 sent.get(u'email', u''))
    return u'<h1>Make an account</h1>\n%s<section>\n%s</section>\n' % (
        _said(problem, u'') if problem else u'',
        form(u'/create', request.session.token, fields, u'Make the account', u'', True))


def _join_form(request):
    # type: (Any) -> str
    return (u'<form class="row" action="/chat"><input name="group" aria-label="Group" '
            u'placeholder="Group" required maxlength="50"><button class="first">Join</button>'
            u'</form>\n')


def _deed(token, deed, name, words):
    # type: (str, str, str, str) -> str
    key = u'name'
    return form(u'/admin', token, hidden(u'deed', deed) + hidden(key, name), words, u'inline')


def _chat_path(name):
    # type: (str) -> str
    return u'/chat?group=' + path_of(name)[1:]
