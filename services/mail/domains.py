# Copyright the carryall authors.  See LICENSE.
"""Our domains, and the maildirs that their mail goes to.

    domains = Domains()
    domains.add(u'a.example', u'/var/mail/a')       maildirs are /var/mail/a/USER
    domains.add_account(u'anna', u'a.example')
    domains.resolve(Mailbox(b'anna+lists', b'a.example'))       [Addressee]; None: unknown user

An address is looked up in this order: aliases, accounts, accounts without the part after a plus
sign.  Last comes the postmaster, if the domain gives all unknown addresses to it.  ``postmaster``
exists in each domain (RFC 5321 section 4.5.1).

Tests:    tests/services/mail/test_domains.py
"""
from __future__ import absolute_import, division, print_function

import os
import re

from carryall.core.auth.credentials import LoginFailed, LoginUnavailable
from carryall.core.logs import escape, get_logger
from carryall.protocols.smtp import Mailbox, parse_mailbox
from carryall.services.mail.aliases import Aliases
from carryall.services.mail.maildir import Maildir
from carryall.services.mail.maildrops import Locks, MaildirAccount
from carryall.services.mail.mbox import Mbox
from carryall.services.mail.ownership import as_root, danger
from carryall.services.mail.envelope import Addressee

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Optional, Set

__all__ = ['Domains', 'is_folder_name']

# -- limits ------------------------------------------------------------------
MAX_DEPTH = 10              # aliases of aliases
MAX_ADDRESSEES = 10000      # that one address stands for

POSTMASTER = u'postmaster'
_NAME = re.compile(u'[A-Za-z0-9_][A-Za-z0-9_.=+@~-]{0,63}\\Z')

log = get_logger('mail.domains')


def is_folder_name(name):
    # type: (str) -> bool
    """True if a local part can be the name of a maildir: letters, digits and ``_ . = + ~ -``, no
    dot in front."""
    return bool(_NAME.match(name)) and u'@' not in name


class _Domain(object):
    """One domain: the path of its folder with a slash at the end, and its users.

    With *catch_all* its postmaster gets the mail for unknown users.
    """

    __slots__ = ('name', 'path', 'users', 'catch_all')

    def __init__(self, name, path, catch_all):
        # type: (str, str, bool) -> None
        self.name = name
        self.path = os.path.join(path, u'')
        self.users = set()          # type: Set[str]
        self.catch_all = catch_all

    def folder(self, user):
        # type: (str) -> str
        """The path of an account's mailbox."""
        return self.path + user


class Domains(object):
    """All domains.

    Args:     aliases: an Aliases.
              mbox_clock: if mailboxes are mbox files: returns the time in seconds since 1970;
                  None if they are maildirs.

    Attributes:
        default: the domain of names without one (text), the first unless set otherwise; None while
            no domain is added.
        takes_all: True if mail for domains that are not ours goes to the default domain.
        quick: True if a mailbox takes a message without waiting for other programs; an mbox file
            has a lock.
    """

    def __init__(self, aliases=None, mbox_clock=None):
        # type: (Optional[Aliases], Optional[Callable[[], float]]) -> None
        self._mbox_clock = mbox_clock
        self.quick = mbox_clock is None
        self.aliases = aliases or Aliases(None)
        self.default = None         # type: Optional[str]
        self.takes_all = False
        self.locks = Locks()
        self._domains = {}          # type: Dict[bytes, _Domain]
        self._maildirs = {}         # type: Dict[str, Any]

    def add(self, name, path, catch_all=False):
        # type: (str, str, bool) -> None
        """Adds a domain; its maildirs lie in the folder *path*."""
        self._domains[name.lower().encode('utf-8')] = _Domain(name.lower(), path, catch_all)
        if self.default is None:
            self.default = name.lower()

    def add_account(self, user, domain):
        # type: (str, str) -> None
        """Adds an account of a domain."""
        self._domains[domain.lower().encode('utf-8')].users.add(user.lower())

    def forget_accounts(self):
        # type: () -> None
        """Removes all accounts, before they are read again."""
        for domain in self._domains.values():
            domain.users.clear()

    def names(self):
        # type: () -> List[str]
        """The names of the domains."""
        return sorted(domain.name for domain in self._domains.values())

    def is_ours(self, domain):
        # type: (bytes) -> bool
        """True if mail for the domain is delivered here."""
        return not domain or domain.lower(
            ) in self._domains or self.takes_all and self.default is not None

    def _domain(self, name):
        # type: (bytes) -> Optional[_Domain]
        found = self._domains.get(name.lower()) if name else None
        if found is None and self.default is not None and (not name or self.takes_all):
            found = self._domains[self.default.encode('utf-8')]
        return found

    # -- addresses ---------------------------------------------------------------------------------

    def resolve(self, mailbox, notify=b'', orcpt=b''):
        # type: (Mailbox, bytes, bytes) -> Optional[List[Addressee]]
        """The addressees of mail to an address of ours; None if the user is unknown."""
        found = {}                  # type: Dict[Any, Addressee]
        if not self._collect(mailbox, mailbox.wire(), notify, orcpt, found, 0):
            return None
        return [found[key] for key in sorted(found)]

    def _collect(self, mailbox, original, notify, orcpt, found, depth):
        # type: (Mailbox, bytes, bytes, bytes, Dict[Any, Addressee], int) -> bool
        if depth > MAX_DEPTH or len(found) > MAX_ADDRESSEES:
            log.info('the aliases of %s are nested too deeply', escape(original))
            return False
        domain = self._domain(mailbox.domain)
        if domain is None:
            found[mailbox.wire()] = Addressee(mailbox.wire(), None, original, notify, orcpt)
            return True
        name = domain.name.encode('utf-8')
        targets = self.aliases.get(mailbox.local, name)
        if targets is not None:
            return self._collect_all(mailbox, targets, domain, original, notify, orcpt, found,
                                     depth)
        user = self._user(mailbox.local, domain)
        if user is None:
            return False
        folder = domain.folder(user)
        # Two aliases of one user lead to one message.
        found[folder.encode('utf-8')] = Addressee(mailbox.local + b'@' + name, folder, original,
                                                  notify, orcpt)
        return True

    def _collect_all(self, mailbox, targets, domain, original, notify, orcpt, found, depth):
        # type: (Mailbox, List[bytes], _Domain, bytes, bytes, bytes, Dict[Any, Any], int) -> bool
        any_there = False
        for target in targets:
            if b'@' not in target:
                target += b'@' + domain.name.encode('utf-8')
            whole = parse_mailbox(target, loose=True)
            if whole == Mailbox(mailbox.local, domain.name.encode('utf-8')):
                # An alias among its own targets means the account.
                user = self._user(whole.local, domain)
                if user is not None:
                    folder = domain.folder(user)
                    found[folder.encode('utf-8')] = Addressee(whole.wire(), folder, original,
                                                              notify, orcpt)
                    any_there = True
            elif self._collect(whole, original, notify, orcpt, found, depth + 1):
                any_there = True
        return any_there

    def _user(self, local, domain):
        # type: (bytes, _Domain) -> Optional[str]
        """The account of a local part; None if it is unknown."""
        try:
            name = local.decode('ascii').lower()
        except UnicodeError:
            name = u''
        for candidate in (name, name.partition(u'+')[0]):
            if candidate in domain.users and is_folder_name(candidate):
                return candidate
        if name == POSTMASTER or domain.catch_all:
            return POSTMASTER
        return None

    def owner(self, mailbox):
        # type: (Mailbox) -> Optional[bytes]
        """The address for the bounces of a list, in place of its sender (``owner-LIST``)."""
        domain = self._domain(mailbox.domain)
        if domain is None or self.aliases.get(mailbox.local, domain.name.encode('utf-8')) is None:
            return None
        owner = self.aliases.owner(mailbox.local, domain.name.encode('utf-8'))
        if owner is None:
            return None
        return mailbox_of(b'owner-' + mailbox.local, domain.name).wire()

    def may_send_as(self, user, sender):
        # type: (str, Mailbox) -> bool
        """True if an account may use an address of ours as sender: its own, or an alias that
        leads to it alone."""
        if not self.is_ours(sender.domain):
            return False
        mine = self.folder_of(user)
        to = self.resolve(sender) or []
        return mine is not None and any(addressee.folder == mine for addressee in to)

    # -- mailboxes ---------------------------------------------------------------------------------

    def maildir(self, folder):
        # type: (str) -> Any
        """The maildir or mbox file at a path; the same object for each call.

        Raises:   IOError: root must not work there (ownership.py).
        """
        found = self._maildirs.get(folder)
        if found is None:
            reason = danger(os.path.dirname(folder), folder, 0) if as_root() else None
            if reason is not None:
                raise IOError(u'%s, and root would follow a link there: run as the owner of '
                              u'the mail (--uid)' % reason)
            found = Maildir(folder) if self._mbox_clock is None else Mbox(folder, self._mbox_clock)
            self._maildirs[folder] = found
        return found

    def folder_of(self, account):
        # type: (str) -> Optional[str]
        """The path of the maildir of ``user`` or ``user@domain``; None if the account is unknown.
        """
        user, at, name = account.rpartition(u'@')
        if not at:
            user = account
            name = u''
        domain = self._domains.get(name.lower().encode('utf-8')) if name else self._domain(b'')
        if domain is None or user.lower() not in domain.users or not is_folder_name(user):
            return None
        return domain.folder(user.lower())

    # The realm of the portal: a login gives a maildrop.

    def avatar(self, name, credentials, mind):
        # type: (str, Any, Any) -> MaildirAccount
        """The account's maildrop."""
        folder = self.folder_of(name)
        if folder is None:
            raise LoginFailed(u'the account has no mailbox here')
        try:
            maildir = self.maildir(folder)
        except IOError as exc:
            log.error('%s cannot log in: %s', escape(name), exc)
            raise LoginUnavailable(u'the mailbox cannot be used', exc)
        return MaildirAccount(maildir, self.locks)


def mailbox_of(local, domain):
    # type: (bytes, str) -> Mailbox
    """The address of a user of ours."""
    return Mailbox(local, domain.encode('utf-8'))
